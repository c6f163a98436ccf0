package dev.vestibule.sink.access.target.unifi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.vestibule.sink.access.target.AccessTarget;
import dev.vestibule.sink.access.target.Allowance;
import dev.vestibule.sink.access.target.Effect;
import dev.vestibule.sink.access.target.Grant;
import dev.vestibule.sink.access.target.GrantKey;
import dev.vestibule.sink.access.target.Lockdown;
import dev.vestibule.sink.access.target.Observed;
import dev.vestibule.sink.access.target.PersonName;
import dev.vestibule.sink.access.target.TargetException;
import dev.vestibule.sink.access.target.TargetException.Kind;
import dev.vestibule.sink.access.target.Window;
import dev.vestibule.sink.access.target.http.HttpCaller;
import dev.vestibule.sink.access.target.http.Transport;
import dev.vestibule.sink.access.target.http.Trust;
import dev.vestibule.sink.access.target.http.Turnstile;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Makes a visitor for each grant.
 *
 * <p>Nothing of ours can be searched for, so the first look reads all visitors; after that the ids
 * are remembered, and a grant that is new looks for visitors of the same name only. A revoke reads
 * them all again: what another process made must not stay open.
 */
public final class UnifiTarget implements AccessTarget {
  private static final String CANCELLED = "CANCELLED";
  private static final int PAGE = 100;
  private static final int SCANS = 3;

  private final UnifiApi api;
  private final UnifiDoors doors;
  private final Transport wire;
  private final InstantSource clock;
  private final String prefix;
  private final boolean lockdownMeansAllDoors;

  /** Visitors that are not cancelled, by key. */
  private final Map<GrantKey, String> known = new ConcurrentHashMap<>();

  private volatile boolean allRead;

  public UnifiTarget(UnifiSettings settings, Turnstile turnstile, InstantSource clock) {
    this(
        settings,
        new HttpCaller(
            settings.timeouts(),
            settings.trust() == null ? null : Trust.of(settings.trust(), null, null),
            turnstile,
            clock),
        clock);
  }

  UnifiTarget(UnifiSettings settings, Transport wire, InstantSource clock) {
    this.wire = wire;
    this.api = new UnifiApi(wire, settings.uri(), settings.token().reveal());
    this.doors = new UnifiDoors(api);
    this.clock = clock;
    this.prefix = settings.marker() + ":";
    this.lockdownMeansAllDoors = settings.lockdownMeansAllDoors();
  }

  @Override
  public Set<Capability> capabilities() {
    return Set.of(Capability.READS_BACK, Capability.LOCKS_DOWN);
  }

  @Override
  public Allowance pace() {
    return new Allowance(4, 5);
  }

  @Override
  public Effect ensureGranted(Grant grant) throws TargetException, InterruptedException {
    Window window = Window.of(grant);
    ArrayNode resources = doors.resources(grant.zones());
    PersonName name = PersonName.of(grant.displayName());
    List<JsonNode> there = lookUp(grant.key(), name);
    Effect effect = Effect.ALREADY;
    for (JsonNode more : there.subList(Math.min(1, there.size()), there.size())) {
      cancel(more);
      effect = Effect.DONE;
    }
    if (there.isEmpty()) {
      create(grant.key(), window, resources, name);
      return Effect.DONE;
    }
    JsonNode visitor = there.getFirst();
    known.put(grant.key(), id(visitor));
    if (isSo(visitor, window, grant.zones())) {
      return effect;
    }
    update(visitor, window, resources);
    return Effect.DONE;
  }

  private void create(GrantKey key, Window window, ArrayNode resources, PersonName name)
      throws TargetException, InterruptedException {
    ObjectNode visitor = JsonNodeFactory.instance.objectNode();
    visitor.put("first_name", name.first());
    visitor.put("last_name", name.last());
    visitor.put("remarks", prefix + key);
    visitor.put("visit_reason", "Business");
    put(visitor, window, resources);
    Optional<JsonNode> made = api.change("create visitor", "POST", "/visitors", visitor);
    made.map(UnifiTarget::id).filter(id -> !id.isEmpty()).ifPresent(id -> known.put(key, id));
  }

  /** Omitted resources would keep their value, so they are always sent. */
  private void update(JsonNode visitor, Window window, ArrayNode resources)
      throws TargetException, InterruptedException {
    ObjectNode change = JsonNodeFactory.instance.objectNode();
    put(change, window, resources);
    Optional<JsonNode> done =
        api.change("change visitor", "PUT", "/visitors/" + id(visitor), change);
    JsonNode now = done.isEmpty() ? null : visitor(id(visitor)).orElse(null);
    if (now == null || isCancelled(now) || !window.equals(window(now))) {
      throw new TargetException(
          Kind.RETRY, "UniFi Access: change visitor had no effect; it is looked up again");
    }
  }

  private static void put(ObjectNode visitor, Window window, ArrayNode resources) {
    visitor.put("start_time", window.from().getEpochSecond());
    visitor.put("end_time", window.until().getEpochSecond());
    visitor.set("resources", resources);
  }

  /**
   * Doors named one by one come back as a group that the console has made up, which tells nothing:
   * then the answer is no.
   */
  private boolean isSo(JsonNode visitor, Window window, Set<String> zones) {
    return window.equals(window(visitor))
        && !doors.namesDoors(zones)
        && zones(visitor).equals(zones);
  }

  @Override
  public Effect ensureRevoked(GrantKey key, long sequence)
      throws TargetException, InterruptedException {
    String first = known.get(key);
    Effect effect = Effect.ALREADY;
    if (first != null) {
      Optional<JsonNode> visitor = visitor(first);
      if (visitor.isPresent() && isOpen(visitor.get())) {
        cancel(visitor.get());
        effect = Effect.DONE;
      }
    }
    for (JsonNode visitor : ours(key)) {
      if (isOpen(visitor)) {
        cancel(visitor);
        effect = Effect.DONE;
      }
    }
    known.remove(key);
    return effect;
  }

  /** Cancels first, which closes; then takes away what opens, and looks. */
  private void cancel(JsonNode visitor) throws TargetException, InterruptedException {
    String path = "/visitors/" + id(visitor);
    if (!isCancelled(visitor)) {
      api.change("cancel visitor", "DELETE", path, null);
    }
    JsonNode now = visitor(id(visitor)).orElse(null);
    if (now == null) {
      return;
    }
    if (now.hasNonNull("pin_code")) {
      api.change("remove PIN", "DELETE", path + "/pin_codes", null);
    }
    if (now.hasNonNull("qr_code")) {
      api.change("remove QR code", "DELETE", path + "/qr_codes", null);
    }
    for (JsonNode card : now.path("nfc_cards")) {
      ObjectNode token = JsonNodeFactory.instance.objectNode();
      token.put("token", card.path("token").asText());
      api.change("remove card", "PUT", path + "/nfc_cards/delete", token);
    }
    if (visitor(id(visitor)).filter(UnifiTarget::isOpen).isPresent()) {
      throw new TargetException(Kind.RETRY, "UniFi Access: cancel visitor had no effect yet");
    }
  }

  @Override
  public Optional<Observed> find(GrantKey key) throws TargetException, InterruptedException {
    return ours(key).stream().map(visitor -> observed(key, visitor)).reduce(Observed::and);
  }

  @Override
  public List<Observed> listManaged() throws TargetException, InterruptedException {
    Map<GrantKey, Observed> found = new LinkedHashMap<>();
    for (JsonNode visitor : scan(null)) {
      GrantKey key = key(visitor);
      if (key != null) {
        found.merge(key, observed(key, visitor), Observed::and);
      }
    }
    return List.copyOf(found.values());
  }

  @Override
  public Effect erase(GrantKey key) throws TargetException, InterruptedException {
    Effect effect = Effect.ALREADY;
    for (JsonNode visitor : ours(key)) {
      api.change("delete visitor", "DELETE", "/visitors/" + id(visitor) + "?is_force=true", null);
      effect = Effect.DONE;
    }
    known.remove(key);
    return effect;
  }

  @Override
  public Lockdown lockDown(Set<String> zones) throws TargetException, InterruptedException {
    return lockdownMeansAllDoors ? emergency(true) : lockRule("keep_lock", zones);
  }

  @Override
  public Lockdown release(Set<String> zones) throws TargetException, InterruptedException {
    return lockdownMeansAllDoors ? emergency(false) : lockRule("reset", zones);
  }

  /** Evacuation would unlock everything: it is named only to say no. */
  private Lockdown emergency(boolean lockdown) throws TargetException, InterruptedException {
    ObjectNode state = JsonNodeFactory.instance.objectNode();
    state.put("lockdown", lockdown);
    state.put("evacuation", false);
    api.changeAtOnce("set emergency", "PUT", "/doors/settings/emergency", state);
    return new Lockdown(Set.of());
  }

  /** Goes on after a door that fails: the others must not wait for it. */
  private Lockdown lockRule(String type, Set<String> zones)
      throws TargetException, InterruptedException {
    ObjectNode rule = JsonNodeFactory.instance.objectNode();
    rule.put("type", type);
    Set<String> failed = new HashSet<>();
    Set<String> all = doors.doorsOf(zones);
    TargetException last = null;
    for (String door : all) {
      try {
        if (api.changeAtOnce("lock door", "PUT", "/doors/" + door + "/lock_rule", rule).isEmpty()) {
          failed.add(door);
        }
      } catch (TargetException e) {
        failed.add(door);
        last = e;
      }
    }
    if (last != null && failed.equals(all)) {
      throw last;
    }
    return new Lockdown(failed);
  }

  @Override
  public Effect assignCard(GrantKey key, String number) throws TargetException {
    throw noCards();
  }

  @Override
  public Effect returnCard(GrantKey key, String number) throws TargetException {
    throw noCards();
  }

  private static TargetException noCards() {
    return new TargetException(
        Kind.REJECTED, "UniFi Access knows cards by tokens of its own, not by their numbers");
  }

  @Override
  public void close() {
    wire.close();
  }

  /** Our visitors under a key that are not cancelled. */
  private List<JsonNode> lookUp(GrantKey key, PersonName name)
      throws TargetException, InterruptedException {
    String id = known.get(key);
    if (id != null) {
      Optional<JsonNode> visitor = visitor(id);
      if (visitor.isPresent() && key.equals(key(visitor.get())) && !isCancelled(visitor.get())) {
        return List.of(visitor.get());
      }
      known.remove(key);
    }
    List<JsonNode> among = allRead ? scan(name.first()) : scan(null);
    return among.stream().filter(v -> key.equals(key(v)) && !isCancelled(v)).toList();
  }

  /** All our visitors under a key. */
  private List<JsonNode> ours(GrantKey key) throws TargetException, InterruptedException {
    return scan(null).stream().filter(visitor -> key.equals(key(visitor))).toList();
  }

  private Optional<JsonNode> visitor(String id) throws TargetException, InterruptedException {
    return api.find("get visitor", "/visitors/" + id);
  }

  /**
   * Reads visitors page by page, and once more from the start when their number has changed
   * meanwhile: one may then have moved over to a page that was read already.
   *
   * @param firstName what their names begin with, or null for all
   */
  private List<JsonNode> scan(@Nullable String firstName)
      throws TargetException, InterruptedException {
    for (int attempt = 0; attempt < SCANS; attempt++) {
      List<JsonNode> found = scanOnce(firstName);
      if (found != null) {
        if (firstName == null) {
          remember(found);
        }
        return found;
      }
    }
    throw new TargetException(
        Kind.RETRY, "UniFi Access: list visitors changed under the reading; it is read again");
  }

  private @Nullable List<JsonNode> scanOnce(@Nullable String firstName)
      throws TargetException, InterruptedException {
    String filter =
        firstName == null ? "" : "&keyword=" + URLEncoder.encode(firstName, StandardCharsets.UTF_8);
    List<JsonNode> found = new ArrayList<>();
    long total = -1;
    for (int page = 1; ; page++) {
      JsonNode envelope =
          api.read("list visitors", "/visitors?page_num=" + page + "&page_size=" + PAGE + filter);
      JsonNode data = envelope.path("data");
      data.forEach(found::add);
      long says = envelope.path("pagination").path("total").asLong(found.size());
      if (page > 1 && says != total) {
        return null;
      }
      total = says;
      if (data.isEmpty() || found.size() >= total) {
        return found.size() == total ? found : null;
      }
    }
  }

  /** A key with two visitors is not remembered: its next grant looks again and cancels one. */
  private void remember(List<JsonNode> visitors) {
    Set<GrantKey> met = new HashSet<>();
    for (JsonNode visitor : visitors) {
      GrantKey key = key(visitor);
      if (key != null && !isCancelled(visitor)) {
        if (met.add(key)) {
          known.putIfAbsent(key, id(visitor));
        } else {
          known.remove(key);
        }
      }
    }
    allRead = true;
  }

  private @Nullable GrantKey key(JsonNode visitor) {
    String remarks = visitor.path("remarks").asText();
    try {
      return remarks.startsWith(prefix) ? new GrantKey(remarks.substring(prefix.length())) : null;
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private Observed observed(GrantKey key, JsonNode visitor) {
    long end = visitor.path("end_time").asLong();
    Instant until = end > 0 ? Instant.ofEpochSecond(end) : null;
    return new Observed(
        key,
        !isCancelled(visitor) && (until == null || until.isAfter(clock.instant())),
        until,
        zones(visitor));
  }

  private static Window window(JsonNode visitor) {
    return new Window(
        Instant.ofEpochSecond(visitor.path("start_time").asLong()),
        Instant.ofEpochSecond(visitor.path("end_time").asLong()));
  }

  private static Set<String> zones(JsonNode visitor) {
    Set<String> zones = new HashSet<>();
    visitor.path("resources").forEach(resource -> zones.add(resource.path("id").asText()));
    return zones;
  }

  private static String id(JsonNode visitor) {
    return visitor.path("id").asText();
  }

  private static boolean isCancelled(JsonNode visitor) {
    return visitor.path("status").asText().equals(CANCELLED);
  }

  /** Whether a revoke has anything left to do. */
  private static boolean isOpen(JsonNode visitor) {
    return !isCancelled(visitor)
        || visitor.hasNonNull("pin_code")
        || visitor.hasNonNull("qr_code")
        || !visitor.path("nfc_cards").isEmpty();
  }
}
