package dev.vestibule.sink.access.target.kisi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.vestibule.config.Secret;
import dev.vestibule.sink.access.target.AccessTarget;
import dev.vestibule.sink.access.target.FakeSystem.Standing;
import dev.vestibule.sink.access.target.FakeVendor;
import dev.vestibule.sink.access.target.GrantKey;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The Kisi cloud: members found by a query that matches anywhere, roles that may be given twice,
 * pages of ten.
 */
public final class FakeKisi extends FakeVendor {
  static final String API_KEY = "0f9e8d7c6b5as3cr3t";
  private static final int PAGE = 10;
  private static final Set<Long> GROUPS = Set.of(45270L, 45271L, 45272L);

  private final Map<Long, ObjectNode> members = new LinkedHashMap<>();
  private final Map<Long, ObjectNode> assignments = new LinkedHashMap<>();
  private String apiKey = API_KEY;
  private long ids = 10;
  boolean removesBeforeUs;
  boolean givesBack;
  boolean hidesDates;

  public FakeKisi() {
    super(null, false);
  }

  @Override
  public AccessTarget connect(InstantSource clock) {
    return new KisiTarget(
        new KisiSettings(
            "vestibule.sinks.doors.",
            "http://127.0.0.1",
            new Secret(API_KEY),
            "vk",
            null,
            null,
            KisiSettings.TIMEOUTS),
        wire(clock),
        clock);
  }

  @Override
  public Set<String> zones() {
    return Set.of("45270", "45271");
  }

  @Override
  protected Reply answer(Request request) {
    if (!("KISI-LOGIN " + apiKey).equals(request.headers().getFirst("Authorization"))) {
      return Reply.of(401, Map.of("error", "unauthorized"));
    }
    if (request.is("POST", "/members")) {
      return createMember(request.json().path("member"));
    }
    if (request.is("GET", "/members")) {
      String query = request.param("query").toLowerCase(Locale.ROOT);
      return page(
          members,
          m ->
              m.path("name").asText().toLowerCase(Locale.ROOT).contains(query)
                  || email(m).contains(query),
          request);
    }
    if (request.is("DELETE", "/members/\\d+")) {
      ObjectNode member = members.remove(Long.parseLong(request.part(1)));
      if (member == null) {
        return Reply.of(404);
      }
      assignments.values().removeIf(a -> user(a) == member.path("user").path("id").asLong());
      return Reply.of(204);
    }
    if (request.is("POST", "/role_assignments")) {
      return assign(request.json().path("role_assignment"));
    }
    if (request.is("GET", "/role_assignments")) {
      long user = Long.parseLong(request.param("user_id"));
      return page(assignments, a -> user(a) == user, request);
    }
    if (request.is("DELETE", "/role_assignments/\\d+")) {
      return unassign(Long.parseLong(request.part(1)));
    }
    return Reply.of(404);
  }

  private Reply createMember(JsonNode body) {
    if (body.path("name").asText().isBlank() || !body.path("email").asText().contains("@")) {
      return Reply.of(422, Map.of("errors", body));
    }
    return Reply.of(200, addMember(body.path("name").asText(), body.path("email").asText()));
  }

  /** Addresses come back in lower case. */
  private ObjectNode addMember(String name, String email) {
    ObjectNode member = JSON.createObjectNode().put("id", ++ids).put("name", name);
    member.putObject("user").put("id", ++ids).put("email", email.toLowerCase(Locale.ROOT));
    members.put(member.path("id").asLong(), member);
    return member;
  }

  private Reply assign(JsonNode body) {
    if (members.values().stream().noneMatch(m -> m.path("user").path("id").asLong() == user(body))
        || !GROUPS.contains(body.path("group_id").asLong())
        || !body.path("role_id").asText().equals("group_basic")) {
      return Reply.of(422, Map.of("errors", body));
    }
    ObjectNode assignment = body.deepCopy();
    assignment.put("id", ++ids).put("type", "group");
    assignments.put(ids, assignment);
    return Reply.of(200, assignment);
  }

  private Reply unassign(long id) {
    if (removesBeforeUs) {
      assignments.remove(id);
    }
    ObjectNode removed = assignments.remove(id);
    if (removed != null && givesBack) {
      assign(removed);
    }
    return Reply.of(removed == null ? 404 : 204);
  }

  private Reply page(Map<Long, ObjectNode> of, Predicate<ObjectNode> which, Request request) {
    int limit = Math.min(PAGE, Integer.parseInt(request.param("limit")));
    int offset = Integer.parseInt(request.param("offset"));
    ArrayNode page = JSON.createArrayNode();
    of.values().stream()
        .filter(which)
        .skip(offset)
        .limit(limit)
        .map(ObjectNode::deepCopy)
        .map(o -> hidesDates ? o.without(List.of("valid_from", "valid_until")) : o)
        .forEach(page::add);
    return Reply.of(200, page);
  }

  private static long user(JsonNode assignment) {
    return assignment.path("user_id").asLong();
  }

  private static String email(JsonNode member) {
    return member.path("user").path("email").asText();
  }

  private List<ObjectNode> membersOf(GrantKey key) {
    return members.values().stream()
        .filter(m -> email(m).equals(key + "@vk.visit.invalid"))
        .toList();
  }

  synchronized List<ObjectNode> rolesOf(GrantKey key) {
    return membersOf(key).stream()
        .flatMap(m ->
            assignments.values().stream()
                .filter(a -> user(a) == m.path("user").path("id").asLong()))
        .toList();
  }

  /** Roles with the same dates are taken for one; the same role twice is seen as two. */
  @Override
  public synchronized List<Standing> standing(GrantKey key) {
    List<Standing> standing = new ArrayList<>();
    for (ObjectNode role : rolesOf(key)) {
      Standing one =
          new Standing(
              Instant.parse(role.path("valid_from").asText()),
              Instant.parse(role.path("valid_until").asText()),
              Set.of(role.path("group_id").asText()));
      int same = -1;
      for (int i = 0; i < standing.size(); i++) {
        Standing other = standing.get(i);
        if (other.from().equals(one.from())
            && other.until().equals(one.until())
            && !other.zones().containsAll(one.zones())) {
          same = i;
        }
      }
      if (same < 0) {
        standing.add(one);
      } else {
        Set<String> zones = new HashSet<>(standing.get(same).zones());
        zones.addAll(one.zones());
        standing.set(same, new Standing(one.from(), one.until(), zones));
      }
    }
    return standing;
  }

  synchronized boolean remembers(GrantKey key) {
    return !membersOf(key).isEmpty();
  }

  synchronized void duplicateRoles(GrantKey key) {
    rolesOf(key).forEach(this::assign);
  }

  synchronized void duplicateMember(GrantKey key) {
    ObjectNode member = membersOf(key).getFirst();
    long user =
        addMember(member.path("name").asText(), email(member)).path("user").path("id").asLong();
    rolesOf(key).forEach(role -> assign(role.deepCopy().put("user_id", user)));
  }

  synchronized void unendRoles(GrantKey key) {
    rolesOf(key).forEach(role -> role.putNull("valid_until"));
  }

  synchronized void addForeign(String name, String email) {
    long user = addMember(name, email).path("user").path("id").asLong();
    assign(
        JSON.createObjectNode()
            .put("user_id", user)
            .put("role_id", "group_basic")
            .put("group_id", 45270));
  }

  synchronized String foreign() {
    List<Object> foreign = new ArrayList<>();
    for (ObjectNode member : members.values()) {
      if (!email(member).matches("[a-z0-9-]+@vk\\.visit\\.invalid")) {
        foreign.add(member);
        foreign.add(
            assignments.values().stream()
                .filter(a -> user(a) == member.path("user").path("id").asLong())
                .toList());
      }
    }
    return foreign.toString();
  }

  synchronized void demoteOwner() {
    apiKey = "another";
  }
}
