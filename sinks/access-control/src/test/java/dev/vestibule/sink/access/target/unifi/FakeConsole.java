package dev.vestibule.sink.access.target.unifi;

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
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A console: visitors without any key, pages of ten, an envelope around everything, and single
 * doors that come back as a group made up for the visitor.
 */
public final class FakeConsole extends FakeVendor {
  public static final String TOKEN = "wHFmHRs3cr3tTok3n";
  private static final String BASE = "/api/v1/developer";
  private static final int PAGE = 10;

  private final Map<String, ObjectNode> visitors = new LinkedHashMap<>();
  private final Map<String, Set<String>> madeUp = new LinkedHashMap<>();
  final Map<String, String> lockRules = new LinkedHashMap<>();
  final Set<String> stuckDoors = new HashSet<>();
  @Nullable JsonNode emergency;
  @Nullable String nextCode;
  @Nullable Runnable afterNextPage;
  boolean deletesBeforeUs;
  private String token = TOKEN;
  private int ids;

  public FakeConsole(@Nullable SSLContext tls) {
    super(tls, false);
  }

  @Override
  public AccessTarget connect(InstantSource clock) {
    return new UnifiTarget(
        new UnifiSettings(
            "vestibule.sinks.doors.",
            "http://127.0.0.1",
            new Secret(TOKEN),
            null,
            "vk",
            true,
            UnifiSettings.TIMEOUTS),
        wire(clock),
        clock);
  }

  @Override
  public Set<String> zones() {
    return Set.of(group(0), group(1));
  }

  /** Every door, whatever is named. */
  @Override
  public Set<String> lockdownZones() {
    return Set.of("all");
  }

  public static String group(int n) {
    return "group-" + n;
  }

  static String door(int n) {
    return "door-" + n;
  }

  @Override
  protected Reply answer(Request request) {
    if (!("Bearer " + token).equals(request.headers().getFirst("Authorization"))) {
      return code(401, "CODE_ACCESS_TOKEN_INVALID");
    }
    String code = nextCode;
    if (code != null && changes(request)) {
      nextCode = null;
      return code(200, code);
    }
    if (request.is("POST", BASE + "/visitors")) {
      return create(request.json());
    }
    if (request.is("GET", BASE + "/visitors")) {
      return list(request);
    }
    if (request.is("GET", BASE + "/door_groups/topology")) {
      return success(topology());
    }
    if (request.is("PUT", BASE + "/doors/settings/emergency")) {
      emergency = request.json();
      return success("success");
    }
    if (request.is("PUT", BASE + "/doors/[^/]+/lock_rule")) {
      return lockRule(request);
    }
    if (!request.path().startsWith(BASE + "/visitors/")) {
      return code(404, "CODE_RESOURCE_NOT_FOUND");
    }
    return one(request);
  }

  private Reply one(Request request) {
    String id = request.part(4);
    if (deletesBeforeUs && request.method().equals("DELETE")) {
      visitors.remove(id);
    }
    ObjectNode visitor = visitors.get(id);
    if (visitor == null) {
      return code(404, "CODE_NOT_EXISTS");
    }
    if (request.is("GET", ".*/visitors/[^/]+")) {
      return success(visitor);
    }
    if (request.is("PUT", ".*/visitors/[^/]+")) {
      return update(visitor, request.json());
    }
    if (request.is("DELETE", ".*/visitors/[^/]+")) {
      if ("true".equals(request.query().get("is_force"))) {
        visitors.remove(id);
      } else {
        visitor.put("status", "CANCELLED");
      }
      return success(null);
    }
    if (request.is("DELETE", ".*/pin_codes")) {
      visitor.remove("pin_code");
      return success(null);
    }
    if (request.is("PUT", ".*/nfc_cards/delete")) {
      visitor.putArray("nfc_cards");
      return success(null);
    }
    return code(404, "CODE_RESOURCE_NOT_FOUND");
  }

  private Reply create(JsonNode body) {
    for (String field :
        List.of("first_name", "last_name", "start_time", "end_time", "visit_reason")) {
      if (body.path(field).asText().isEmpty()) {
        return code(400, "CODE_PARAMS_INVALID");
      }
    }
    ObjectNode visitor = JSON.createObjectNode();
    String id = "visitor-" + ++ids;
    visitor.put("id", id).put("status", "ACTIVE").put("remarks", "");
    visitor.putArray("nfc_cards");
    Reply reply = update(visitor, body);
    if (reply.status() == 200) {
      visitors.put(id, visitor);
    }
    return reply;
  }

  private Reply update(ObjectNode visitor, JsonNode body) {
    if ((body.has("resources") && !resourcesExist(body.path("resources")))
        || body.path("visit_reason").asText("Business").matches("(?!Interview|Business).*")) {
      return code(400, "CODE_PARAMS_INVALID");
    }
    for (String field :
        List.of("first_name", "last_name", "remarks", "start_time", "end_time", "visit_reason")) {
      if (body.has(field)) {
        visitor.set(field, body.get(field));
      }
    }
    if (body.has("resources")) {
      visitor.set("resources", kept(visitor.path("id").asText(), body.path("resources")));
    }
    return success(visitor);
  }

  private static boolean resourcesExist(JsonNode resources) {
    for (JsonNode resource : resources) {
      String pattern =
          resource.path("type").asText().equals("door") ? "door-[0-2]" : "group-[0-2]|all";
      if (!resource.path("id").asText().matches(pattern)) {
        return false;
      }
    }
    return true;
  }

  private ArrayNode kept(String visitor, JsonNode resources) {
    ArrayNode kept = JSON.createArrayNode();
    Set<String> doors = new HashSet<>();
    for (JsonNode resource : resources) {
      if (resource.path("type").asText().equals("door")) {
        doors.add(resource.path("id").asText());
      } else {
        kept.add(resource);
      }
    }
    if (!doors.isEmpty()) {
      String made = "made-up-" + visitor;
      madeUp.put(made, doors);
      kept.addObject().put("id", made).put("name", made).put("type", "door_group");
    }
    return kept;
  }

  private Reply list(Request request) {
    String keyword = request.query().get("keyword");
    List<ObjectNode> found =
        visitors.values().stream()
            .filter(v ->
                keyword == null
                    || v.path("first_name").asText().startsWith(keyword)
                    || v.path("last_name").asText().startsWith(keyword))
            .toList();
    int size = Math.min(PAGE, Integer.parseInt(request.param("page_size")));
    int from = (Integer.parseInt(request.param("page_num")) - 1) * size;
    ArrayNode page = JSON.createArrayNode();
    found.stream().skip(from).limit(size).forEach(page::add);
    ObjectNode envelope = envelope("SUCCESS", page);
    envelope.putObject("pagination").put("total", found.size());
    Reply reply = Reply.of(200, envelope);
    if (afterNextPage != null) {
      Runnable next = afterNextPage;
      afterNextPage = null;
      next.run();
    }
    return reply;
  }

  private Reply lockRule(Request request) {
    String door = request.part(4);
    if (stuckDoors.contains(door)) {
      return code(200, "CODE_SYSTEM_ERROR");
    }
    lockRules.put(door, request.json().path("type").asText());
    return success("success");
  }

  private static ArrayNode topology() {
    ArrayNode groups = JSON.createArrayNode();
    for (int n = 0; n < 3; n++) {
      ObjectNode group = groups.addObject().put("id", group(n)).put("type", "access");
      group
          .putArray("resource_topologies")
          .addObject()
          .put("type", "floor")
          .putArray("resources")
          .addObject()
          .put("id", door(n))
          .put("type", "door");
    }
    return groups;
  }

  private static Reply success(@Nullable Object data) {
    return Reply.of(200, envelope("SUCCESS", JSON.valueToTree(data)));
  }

  private static Reply code(int status, String code) {
    return Reply.of(status, envelope(code, null));
  }

  private static ObjectNode envelope(String code, @Nullable JsonNode data) {
    ObjectNode envelope = JSON.createObjectNode().put("code", code).put("msg", "for people");
    envelope.set("data", data);
    return envelope;
  }

  /** What stands at the doors for a key, behind whatever marker. */
  @Override
  public synchronized List<Standing> standing(GrantKey key) {
    List<Standing> standing = new ArrayList<>();
    for (ObjectNode visitor : visitors.values()) {
      if (visitor.path("remarks").asText().endsWith(":" + key)
          && !visitor.path("status").asText().equals("CANCELLED")) {
        Set<String> zones = new HashSet<>();
        for (JsonNode resource : visitor.path("resources")) {
          String id = resource.path("id").asText();
          zones.addAll(madeUp.getOrDefault(id, Set.of(id)));
        }
        standing.add(
            new Standing(
                Instant.ofEpochSecond(visitor.path("start_time").asLong()),
                Instant.ofEpochSecond(visitor.path("end_time").asLong()),
                zones));
      }
    }
    return standing;
  }

  private static boolean isOurs(JsonNode visitor, GrantKey key) {
    return visitor.path("remarks").asText().equals("vk:" + key);
  }

  synchronized boolean remembers(GrantKey key) {
    return visitors.values().stream().anyMatch(v -> isOurs(v, key));
  }

  /** Puts the visitor of a key there once more, as two POSTs would. */
  synchronized void duplicate(GrantKey key) {
    ObjectNode copy =
        visitors.values().stream().filter(v -> isOurs(v, key)).findFirst().orElseThrow().deepCopy();
    copy.put("id", "visitor-" + ++ids);
    visitors.put(copy.path("id").asText(), copy);
  }

  /** Whether every door is locked. */
  @Override
  public synchronized boolean locked() {
    return emergency != null && emergency.path("lockdown").asBoolean();
  }

  /** Puts a visitor there who opens everything. */
  public synchronized void add(String firstName, String remarks) {
    ObjectNode visitor = JSON.createObjectNode();
    visitor.put("id", "visitor-" + ++ids).put("status", "ACTIVE").put("first_name", firstName);
    visitor.put("last_name", "Zworykin").put("remarks", remarks);
    visitor.put("start_time", 1).put("end_time", 2_000_000_000);
    visitor.putArray("nfc_cards");
    visitor.putArray("resources").addObject().put("id", "all").put("type", "door_group");
    visitors.put(visitor.path("id").asText(), visitor);
  }

  synchronized void giveCredentials(GrantKey key) {
    for (ObjectNode visitor : visitors.values()) {
      if (isOurs(visitor, key)) {
        visitor.putObject("pin_code").put("token", "abc");
        visitor.withArray("nfc_cards").addObject().put("token", "def");
      }
    }
  }

  synchronized ObjectNode only(GrantKey key) {
    return visitors.values().stream().filter(v -> isOurs(v, key)).findFirst().orElseThrow();
  }

  synchronized void removeFirst() {
    visitors.remove(visitors.keySet().iterator().next());
  }

  synchronized String foreign() {
    return visitors.values().stream()
        .filter(v -> !v.path("remarks").asText().matches("vk:[a-z0-9-]+"))
        .toList()
        .toString();
  }

  synchronized void expireToken() {
    token = "another";
  }
}
