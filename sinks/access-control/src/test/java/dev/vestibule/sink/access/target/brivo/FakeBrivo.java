package dev.vestibule.sink.access.target.brivo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.vestibule.config.Secret;
import dev.vestibule.sink.access.target.AccessTarget;
import dev.vestibule.sink.access.target.FakeSystem.Standing;
import dev.vestibule.sink.access.target.FakeVendor;
import dev.vestibule.sink.access.target.GrantKey;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The Brivo cloud: tokens that end, external ids that are unique, a PUT that clears what it leaves
 * out, credentials with dates of their own, lockdowns that report failures with a good status.
 */
public final class FakeBrivo extends FakeVendor {
  static final String CLIENT_SECRET = "cl1ents3cr3t";
  static final String API_KEY = "ap1k3ys3cr3t";
  static final String PASSWORD = "passw0rds3cr3t";
  private static final String BASE = "/v1/api";
  private static final int PAGE = 10;
  private static final int MOST_GROUPS = 16;

  private final Map<Long, ObjectNode> users = new LinkedHashMap<>();
  private final Map<Long, Set<Long>> groups = new TreeMap<>();
  private final Map<Long, Map<Long, ObjectNode>> credentials = new TreeMap<>();
  final List<String> scenarios = new ArrayList<>();
  final Map<String, Object> failures = new LinkedHashMap<>();
  private String accessToken = "none";
  private String refreshToken = "none";
  private int tokens;
  private long ids = 442_000;
  boolean loginRefused;
  boolean refreshRefused;
  boolean everyTokenRefused;
  @Nullable Reply forbidden;

  public FakeBrivo() {
    super(null, false);
  }

  @Override
  public AccessTarget connect(InstantSource clock) {
    return new BrivoTarget(
        new BrivoSettings(
            "vestibule.sinks.doors.",
            "http://127.0.0.1",
            "http://127.0.0.1" + BASE,
            "client",
            new Secret(CLIENT_SECRET),
            new Secret(API_KEY),
            new BrivoLogin.Password("ops", new Secret(PASSWORD)),
            "vk",
            BrivoSettings.TIMEOUTS),
        wire(clock),
        clock);
  }

  @Override
  public Set<String> zones() {
    return Set.of("76123", "76124");
  }

  @Override
  public Set<String> lockdownZones() {
    return Set.of("default", "12");
  }

  @Override
  protected boolean changes(Request request) {
    return super.changes(request) && !request.path().equals("/oauth/token");
  }

  @Override
  protected Reply answer(Request request) {
    if (!API_KEY.equals(request.headers().getFirst("api-key"))) {
      return new Reply(
          403, Map.of(), "<h1>Developer Inactive</h1>".getBytes(StandardCharsets.UTF_8));
    }
    if (request.is("POST", "/oauth/token")) {
      return token(request);
    }
    if (everyTokenRefused
        || !("bearer " + accessToken).equals(request.headers().getFirst("Authorization"))) {
      return Reply.of(401, Map.of("error", "invalid_token"));
    }
    if (forbidden != null) {
      return forbidden;
    }
    if (request.is("POST", BASE + "/emergency-scenarios/.*")) {
      scenarios.add(request.path().substring((BASE + "/emergency-scenarios").length()));
      return Reply.of(200, failures);
    }
    if (request.is("GET", BASE + "/users")) {
      return page(users.values(), request);
    }
    if (request.is("POST", BASE + "/users")) {
      return create(request.json());
    }
    if (request.is("GET", BASE + "/users/[^/]+/external")) {
      return users.values().stream()
          .filter(u -> u.path("externalId").asText().equals(request.part(3)))
          .findFirst()
          .map(u -> Reply.of(200, u))
          .orElse(missing());
    }
    if (request.path().matches(BASE + "/users/\\d+.*")) {
      return one(request, Long.parseLong(request.part(3)));
    }
    return Reply.of(596);
  }

  private Reply token(Request request) {
    String basic =
        Base64.getEncoder()
            .encodeToString(("client:" + CLIENT_SECRET).getBytes(StandardCharsets.UTF_8));
    if (!("Basic " + basic).equals(request.headers().getFirst("Authorization"))) {
      return Reply.of(401, Map.of("error", "unauthorized"));
    }
    Map<String, String> form = new LinkedHashMap<>();
    for (String pair : new String(request.body(), StandardCharsets.UTF_8).split("&")) {
      String[] parts = pair.split("=", 2);
      form.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
    }
    boolean good =
        switch (form.get("grant_type")) {
          case "password" -> !loginRefused && PASSWORD.equals(form.get("password"));
          case "refresh_token" -> !refreshRefused && refreshToken.equals(form.get("refresh_token"));
          case null, default -> false;
        };
    if (!good) {
      return Reply.of(400, Map.of("error", "invalid_grant"));
    }
    tokens++;
    accessToken = "access-t0k3n-" + tokens;
    refreshToken = "refresh-t0k3n-" + tokens;
    return Reply.of(
        200,
        Map.of(
            "access_token",
            accessToken,
            "refresh_token",
            refreshToken,
            "token_type",
            "bearer",
            "expires_in",
            300));
  }

  private Reply create(JsonNode body) {
    boolean taken =
        users.values().stream().anyMatch(u -> u.path("externalId").equals(body.path("externalId")));
    if (taken
        || body.path("firstName").asText().isEmpty()
        || body.path("lastName").asText().isEmpty()) {
      return Reply.of(400, Map.of("code", 400, "message", body.toString()));
    }
    ObjectNode user = body.deepCopy();
    user.put("id", ++ids).put("suspended", false);
    users.put(ids, user);
    groups.put(ids, new TreeSet<>());
    credentials.put(ids, new TreeMap<>());
    return Reply.of(200, user);
  }

  private Reply one(Request request, long id) {
    ObjectNode user = users.get(id);
    if (user == null) {
      return missing();
    }
    String what = request.method() + " " + request.path().replaceFirst(BASE + "/users/\\d+", "");
    return switch (what.replaceAll("/credentials/\\d+", "/credentials/n")) {
      case "PATCH " -> {
        user.setAll((ObjectNode) request.json());
        yield Reply.of(200, user);
      }
      case "PUT " -> {
        // Whatever is left out is cleared.
        user.retain("id", "suspended");
        user.setAll((ObjectNode) request.json());
        yield Reply.of(200, user);
      }
      case "DELETE " -> {
        users.remove(id);
        yield Reply.of(204);
      }
      case "PUT /suspended" -> {
        user.set("suspended", request.json().path("suspended"));
        yield Reply.of(200, user);
      }
      case "GET /groups" ->
          page(
              groupsOf(id).stream().map(g -> JSON.createObjectNode().put("id", g)).toList(),
              request);
      case "POST /groups" -> changeGroups(id, request.json());
      case "GET /credentials" -> page(credentialsOf(id).values(), request);
      case "PUT /credentials/n" -> {
        ObjectNode credential =
            Objects.requireNonNull(credentialsOf(id).get(Long.parseLong(request.part(5))));
        // An empty body leaves the end open.
        credential.remove(List.of("effectiveFrom", "effectiveTo"));
        credential.setAll((ObjectNode) request.json());
        yield Reply.of(204);
      }
      case "DELETE /credentials/n" -> {
        credentialsOf(id).remove(Long.parseLong(request.part(5)));
        yield Reply.of(204);
      }
      case "POST /revoke-credentials" -> {
        if (!user.path("suspended").asBoolean()) {
          yield Reply.of(400, Map.of("code", 400));
        }
        credentialsOf(id).values().removeIf(c -> !c.path("face").asBoolean());
        yield Reply.of(200);
      }
      default -> Reply.of(596);
    };
  }

  private Reply changeGroups(long id, JsonNode body) {
    Set<Long> changed = new TreeSet<>(groupsOf(id));
    for (JsonNode added : body.path("addGroups")) {
      if (added.asLong() < 76_120 || added.asLong() > 76_140) {
        return missing();
      }
      changed.add(added.asLong());
    }
    body.path("removeGroups").forEach(removed -> changed.remove(removed.asLong()));
    if (changed.size() > MOST_GROUPS) {
      return Reply.of(400, Map.of("code", 400));
    }
    groups.put(id, changed);
    return Reply.of(200);
  }

  private static Reply page(Collection<ObjectNode> all, Request request) {
    int offset = Integer.parseInt(request.param("offset"));
    int size = Math.min(PAGE, Integer.parseInt(request.param("pageSize")));
    ArrayNode data = JSON.createArrayNode();
    all.stream().skip(offset).limit(size).forEach(data::add);
    ObjectNode page = JSON.createObjectNode();
    page.set("data", data);
    page.put("offset", offset).put("pageSize", size).put("count", all.size());
    return Reply.of(200, page);
  }

  private static Reply missing() {
    return Reply.of(404, Map.of("code", 404, "message", "absent"));
  }

  private Set<Long> groupsOf(long id) {
    return Objects.requireNonNull(groups.get(id));
  }

  private Map<Long, ObjectNode> credentialsOf(long id) {
    return Objects.requireNonNull(credentials.get(id));
  }

  synchronized @Nullable ObjectNode user(GrantKey key) {
    return users.values().stream()
        .filter(u -> u.path("externalId").asText().equals("vk-" + key))
        .findFirst()
        .orElse(null);
  }

  /** By the last that was said of each scenario. */
  @Override
  public synchronized boolean locked() {
    return scenarios.lastIndexOf("/default-lockdown/initiate")
            > scenarios.lastIndexOf("/default-lockdown/clear")
        && scenarios.lastIndexOf("/lockdown/12/initiate")
            > scenarios.lastIndexOf("/lockdown/12/clear");
  }

  @Override
  public synchronized List<Standing> standing(GrantKey key) {
    ObjectNode user = user(key);
    if (user == null || user.path("suspended").asBoolean()) {
      return List.of();
    }
    Set<String> zones = new TreeSet<>();
    groupsOf(user.path("id").asLong()).forEach(g -> zones.add(Long.toString(g)));
    return zones.isEmpty()
        ? List.of()
        : List.of(
            new Standing(
                Instant.parse(user.path("effectiveFrom").asText()),
                Instant.parse(user.path("effectiveTo").asText()),
                zones));
  }

  synchronized Collection<ObjectNode> credentialsOf(GrantKey key) {
    ObjectNode user = user(key);
    return user == null ? List.of() : credentialsOf(user.path("id").asLong()).values();
  }

  synchronized Set<Long> groupsOf(GrantKey key) {
    ObjectNode user = user(key);
    return user == null ? Set.of() : groupsOf(user.path("id").asLong());
  }

  /** As somebody does at the desk: a credential without an end. */
  synchronized void assignCredential(GrantKey key, boolean face) {
    ObjectNode user = user(key);
    if (user != null) {
      long id = ++ids;
      credentialsOf(user.path("id").asLong())
          .put(id, JSON.createObjectNode().put("id", id).put("face", face));
    }
  }

  synchronized void addForeign(String externalId) {
    create(
        JSON.createObjectNode()
            .put("firstName", "Adalind")
            .put("lastName", "Zworykin")
            .put("externalId", externalId));
    groups.put(ids, new TreeSet<>(Set.of(76_123L)));
  }

  synchronized String foreign() {
    List<Object> foreign = new ArrayList<>();
    users.forEach((id, user) -> {
      if (!user.path("externalId").asText().matches("vk-[a-z0-9-]+")) {
        foreign.add(user);
        foreign.add(groupsOf(id));
      }
    });
    return foreign.toString();
  }

  synchronized void endTokens() {
    accessToken = "ended";
  }

  synchronized int tokens() {
    return tokens;
  }

  synchronized void refuseUs() {
    accessToken = "ended";
    loginRefused = true;
    refreshRefused = true;
  }
}
