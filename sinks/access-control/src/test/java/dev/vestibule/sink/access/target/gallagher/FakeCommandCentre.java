package dev.vestibule.sink.access.target.gallagher;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.vestibule.config.Secret;
import dev.vestibule.sink.access.target.AccessTarget;
import dev.vestibule.sink.access.target.FakeSystem.Standing;
import dev.vestibule.sink.access.target.FakeVendor;
import dev.vestibule.sink.access.target.GrantKey;
import java.net.URI;
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
 * A Command Centre that calls itself by another host, whose hrefs carry parameters, whose
 * memberships change their href with every update and may be there twice, and which keeps a
 * personal data field only in a group that carries it.
 */
public final class FakeCommandCentre extends FakeVendor {
  static final String API_KEY = "AB12-CD34-S3CR-3TKY";
  private static final String SELF = "https://cc.internal:8904";
  private static final String HOLDERS = "/api/cardholders";
  private static final int PAGE = 10;

  private final Map<String, ObjectNode> holders = new LinkedHashMap<>();
  final List<String> commands = new ArrayList<>();
  final Set<String> stuckZones = new HashSet<>();
  boolean keyGroupCarriesTheField = true;
  boolean searchIgnoresTheField;
  boolean absentIsForbidden;
  boolean zonesLicensed = true;
  @Nullable Runnable beforeNextPatch;
  private String apiKey = API_KEY;
  private int ids = 300;

  public FakeCommandCentre(@Nullable SSLContext tls) {
    super(tls, tls != null);
  }

  @Override
  public AccessTarget connect(InstantSource clock) {
    return new GallagherTarget(
        new GallagherSettings(
            "vestibule.sinks.doors.",
            "http://127.0.0.1",
            new Secret(API_KEY),
            null,
            null,
            null,
            "/api/divisions/2",
            "345",
            "visitKey",
            "900",
            "/api/card_types/354",
            "vk",
            GallagherSettings.TIMEOUTS),
        wire(clock),
        clock);
  }

  @Override
  public Set<String> zones() {
    return Set.of("350", "351");
  }

  @Override
  public Set<String> lockdownZones() {
    return Set.of("331", "332");
  }

  @Override
  protected Reply answer(Request request) {
    if (!("GGL-API-KEY " + apiKey).equals(request.headers().getFirst("Authorization"))) {
      return Reply.of(401);
    }
    if (request.is("GET", "/api")) {
      return Reply.of(200, features());
    }
    if (request.is("GET", "/api/access_groups")) {
      return page(things("access_groups", 350, 351, 352, 900, 901), request);
    }
    if (request.is("GET", "/api/access_zones")) {
      return page(things("access_zones", 331, 332, 333), request);
    }
    if (request.is("GET", "/api/access_zones/\\d+")) {
      return Reply.of(200, zone(request.part(2)));
    }
    if (request.is("POST", "/api/access_zones/\\d+/.*")) {
      if (stuckZones.contains(request.part(2))) {
        return Reply.of(409);
      }
      commands.add(request.part(2) + " " + request.part(3));
      return Reply.of(204);
    }
    if (request.is("GET", HOLDERS)) {
      return search(request);
    }
    if (request.is("POST", HOLDERS)) {
      return create(request.json());
    }
    if (request.path().matches(HOLDERS + "/\\d+")) {
      return one(request);
    }
    return Reply.of(404);
  }

  private ObjectNode features() {
    ObjectNode root = JSON.createObjectNode();
    ObjectNode features = root.putObject("features");
    features
        .putObject("cardholders")
        .putObject("cardholders")
        .put("href", SELF + HOLDERS + "?src=api");
    features
        .putObject("accessGroups")
        .putObject("accessGroups")
        .put("href", SELF + "/api/access_groups?src=api");
    if (zonesLicensed) {
      features
          .putObject("accessZones")
          .putObject("accessZones")
          .put("href", SELF + "/api/access_zones");
    }
    return root;
  }

  private static List<ObjectNode> things(String kind, int... numbers) {
    List<ObjectNode> things = new ArrayList<>();
    for (int number : numbers) {
      things.add(
          JSON.createObjectNode()
              .put("id", Integer.toString(number))
              .put("href", SELF + "/api/" + kind + "/" + number));
    }
    return things;
  }

  private static ObjectNode zone(String id) {
    ObjectNode zone = JSON.createObjectNode().put("id", id);
    ObjectNode offered = zone.putObject("commands");
    String href = SELF + "/api/access_zones/" + id;
    offered.putObject("lockDown").put("href", href + "/lock_down");
    offered.putObject("cancelLockDown").put("href", href + "/cancel_lock_down");
    return zone;
  }

  private static Reply page(List<ObjectNode> all, Request request) {
    int skip = Integer.parseInt(request.query().getOrDefault("skip", "0"));
    ObjectNode page = JSON.createObjectNode();
    ArrayNode results = page.putArray("results");
    all.stream().skip(skip).limit(PAGE).forEach(results::add);
    if (all.size() > skip + PAGE) {
      StringBuilder next = new StringBuilder(SELF + request.path() + "?skip=" + (skip + PAGE));
      String field = request.query().get("pdf_345");
      if (field != null) {
        next.append("&pdf_345=").append(field.replace("\"", "%22"));
      }
      page.putObject("next").put("href", next.toString());
    }
    return Reply.of(200, page);
  }

  private Reply search(Request request) {
    String wanted = request.query().getOrDefault("pdf_345", "");
    boolean exact = wanted.startsWith("\"");
    String text = wanted.replace("\"", "");
    return page(
        holders.values().stream()
            .filter(h ->
                searchIgnoresTheField || (exact ? field(h).equals(text) : field(h).contains(text)))
            .map(h -> JSON.createObjectNode().put("href", h.path("href").asText()))
            .toList(),
        request);
  }

  private Reply create(JsonNode body) {
    String first = body.path("firstName").asText();
    if (first.isEmpty()
        || first.length() > 50
        || !body.path("division").path("href").asText().contains("/divisions/2")) {
      return Reply.of(400, Map.of("message", body.toString()));
    }
    String path = HOLDERS + "/" + ++ids;
    ObjectNode holder = JSON.createObjectNode().put("href", SELF + path);
    holder.put("authorised", body.path("authorised").asBoolean());
    for (String name : List.of("firstName", "lastName", "@visitKey")) {
      if (body.has(name)) {
        holder.set(name, body.get(name));
      }
    }
    ArrayNode memberships = holder.putArray("accessGroups");
    holder.putArray("cards");
    for (JsonNode added : body.path("accessGroups")) {
      if (!groupExists(added)) {
        return Reply.of(400, Map.of("message", body.toString()));
      }
      memberships.add(membership(holder, added));
    }
    dropField(holder);
    holders.put(path, holder);
    return new Reply(201, Map.of("Location", SELF + path), new byte[0]);
  }

  private static boolean groupExists(JsonNode membership) {
    return membership
        .path("accessGroup")
        .path("href")
        .asText()
        .matches(".*/api/access_groups/(350|351|352|900|901)");
  }

  private ObjectNode membership(ObjectNode holder, JsonNode added) {
    ObjectNode membership = JSON.createObjectNode();
    membership.put(
        "href", holder.path("href").asText() + "/access_groups/" + Integer.toHexString(++ids));
    String group = URI.create(added.path("accessGroup").path("href").asText()).getPath();
    membership.putObject("accessGroup").put("href", SELF + group);
    for (String date : List.of("from", "until")) {
      // An empty date is none.
      if (!added.path(date).asText().isEmpty()) {
        membership.set(date, added.get(date));
      }
    }
    return membership;
  }

  private Reply one(Request request) {
    ObjectNode holder = holders.get(request.path());
    if (holder == null) {
      return Reply.of(absentIsForbidden && request.method().equals("DELETE") ? 403 : 404);
    }
    return switch (request.method()) {
      case "GET" -> Reply.of(200, holder);
      case "DELETE" -> {
        holders.remove(request.path());
        yield Reply.of(absentIsForbidden ? 403 : 204);
      }
      case "PATCH" -> {
        if (beforeNextPatch != null) {
          Runnable now = beforeNextPatch;
          beforeNextPatch = null;
          now.run();
        }
        yield patch(holder, request.json());
      }
      default -> Reply.of(405);
    };
  }

  /** All or nothing. */
  private Reply patch(ObjectNode holder, JsonNode change) {
    ObjectNode changed = holder.deepCopy();
    if (change.has("authorised")) {
      changed.set("authorised", change.get("authorised"));
    }
    for (String list : List.of("accessGroups", "cards")) {
      ArrayNode items = changed.withArray(list);
      for (JsonNode removed : change.path(list).path("remove")) {
        int at = indexOf(items, removed);
        if (at < 0) {
          return Reply.of(404);
        }
        items.remove(at);
      }
      for (JsonNode updated : change.path(list).path("update")) {
        int at = indexOf(items, updated);
        if (at < 0) {
          return Reply.of(404);
        }
        ObjectNode item = (ObjectNode) items.get(at);
        item.setAll((ObjectNode) updated);
        item.put(
            "href", changed.path("href").asText() + "/" + list + "/" + Integer.toHexString(++ids));
      }
      for (JsonNode added : change.path(list).path("add")) {
        if (list.equals("accessGroups") && !groupExists(added)) {
          return Reply.of(400);
        }
        ObjectNode item =
            list.equals("accessGroups") ? membership(changed, added) : added.deepCopy();
        item.put(
            "href", changed.path("href").asText() + "/" + list + "/" + Integer.toHexString(++ids));
        items.add(item);
      }
    }
    dropField(changed);
    holders.put(URI.create(changed.path("href").asText()).getPath(), changed);
    return Reply.of(204);
  }

  private static int indexOf(ArrayNode items, JsonNode wanted) {
    String path = URI.create(wanted.path("href").asText()).getPath();
    for (int i = 0; i < items.size(); i++) {
      if (URI.create(items.get(i).path("href").asText()).getPath().equals(path)) {
        return i;
      }
    }
    return -1;
  }

  private void dropField(ObjectNode holder) {
    boolean carried = false;
    for (JsonNode membership : holder.path("accessGroups")) {
      carried |= keyGroupCarriesTheField && groupOf(membership).equals("900");
    }
    if (!carried) {
      holder.remove("@visitKey");
    }
  }

  private static String groupOf(JsonNode membership) {
    return membership.path("accessGroup").path("href").asText().replaceFirst(".*/", "");
  }

  private static String field(JsonNode holder) {
    return holder.path("@visitKey").asText();
  }

  private List<ObjectNode> of(GrantKey key) {
    return holders.values().stream().filter(h -> field(h).equals("vk-" + key)).toList();
  }

  synchronized List<JsonNode> memberships(GrantKey key) {
    List<JsonNode> found = new ArrayList<>();
    for (ObjectNode holder : of(key)) {
      if (holder.path("authorised").asBoolean()) {
        holder.path("accessGroups").forEach(m -> found.add(m));
      }
    }
    found.removeIf(m -> groupOf(m).equals("900"));
    return found;
  }

  @Override
  public synchronized Set<String> cards(GrantKey key) {
    Set<String> cards = new HashSet<>();
    for (ObjectNode holder : of(key)) {
      holder.path("cards").forEach(card -> cards.add(card.path("number").asText()));
    }
    return cards;
  }

  /** By the last command of each zone. */
  @Override
  public synchronized boolean locked() {
    return lockdownZones().stream()
        .allMatch(zone ->
            commands.lastIndexOf(zone + " lock_down")
                > commands.lastIndexOf(zone + " cancel_lock_down"));
  }

  @Override
  public synchronized List<Standing> standing(GrantKey key) {
    List<Standing> standing = new ArrayList<>();
    for (JsonNode membership : memberships(key)) {
      Instant from = Instant.parse(membership.path("from").asText());
      Instant until = Instant.parse(membership.path("until").asText("+1000000000-12-31T23:59:59Z"));
      String group = groupOf(membership);
      int same = -1;
      for (int i = 0; i < standing.size(); i++) {
        Standing other = standing.get(i);
        if (other.from().equals(from)
            && other.until().equals(until)
            && !other.zones().contains(group)) {
          same = i;
        }
      }
      Set<String> zones = new HashSet<>(Set.of(group));
      if (same >= 0) {
        zones.addAll(standing.remove(same).zones());
      }
      standing.add(new Standing(from, until, zones));
    }
    return standing;
  }

  synchronized boolean remembers(GrantKey key) {
    return !of(key).isEmpty();
  }

  synchronized int holders() {
    return holders.size();
  }

  synchronized JsonNode only(GrantKey key) {
    return of(key).getFirst();
  }

  synchronized void duplicateMemberships(GrantKey key) {
    for (ObjectNode holder : of(key)) {
      ArrayNode memberships = holder.withArray("accessGroups");
      List<JsonNode> now = new ArrayList<>();
      memberships.forEach(now::add);
      now.forEach(m -> memberships.add(membership(holder, m)));
    }
  }

  synchronized void duplicateHolder(GrantKey key) {
    ObjectNode copy = of(key).getFirst().deepCopy();
    String path = HOLDERS + "/" + ++ids;
    copy.put("href", SELF + path);
    ArrayNode memberships = copy.putArray("accessGroups");
    of(key).getFirst().path("accessGroups").forEach(m -> memberships.add(membership(copy, m)));
    holders.put(path, copy);
  }

  /** As an operator does who updates a membership meanwhile. */
  synchronized void touchMemberships(GrantKey key) {
    for (ObjectNode holder : of(key)) {
      for (JsonNode membership : holder.path("accessGroups")) {
        ((ObjectNode) membership)
            .put(
                "href",
                holder.path("href").asText() + "/access_groups/" + Integer.toHexString(++ids));
      }
    }
  }

  synchronized void unendMemberships(GrantKey key) {
    for (ObjectNode holder : of(key)) {
      for (JsonNode membership : holder.path("accessGroups")) {
        ((ObjectNode) membership).remove("until");
      }
    }
  }

  synchronized void addForeign(String name, @Nullable String field) {
    String path = HOLDERS + "/" + ++ids;
    ObjectNode holder = JSON.createObjectNode().put("href", SELF + path).put("authorised", true);
    holder.put("firstName", name);
    if (field != null) {
      holder.put("@visitKey", field);
    }
    holder
        .putArray("accessGroups")
        .addObject()
        .put("href", SELF + path + "/access_groups/" + Integer.toHexString(++ids))
        .putObject("accessGroup")
        .put("href", SELF + "/api/access_groups/350");
    holders.put(path, holder);
  }

  synchronized String foreign() {
    return holders.values().stream()
        .filter(h -> !field(h).matches("vk-[a-z0-9-]+"))
        .toList()
        .toString();
  }

  synchronized void revokeApiKey() {
    apiKey = "another";
  }
}
