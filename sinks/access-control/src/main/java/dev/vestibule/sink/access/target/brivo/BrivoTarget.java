package dev.vestibule.sink.access.target.brivo;

import com.fasterxml.jackson.databind.JsonNode;
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
import dev.vestibule.sink.access.target.http.Answer;
import dev.vestibule.sink.access.target.http.HttpCaller;
import dev.vestibule.sink.access.target.http.Transport;
import dev.vestibule.sink.access.target.http.Turnstile;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Makes a user for each grant. The dates are set on the user and on every credential; what is
 * suspended is let in again last, when everything else is as it shall be.
 */
public final class BrivoTarget implements AccessTarget {
  private static final int MOST_GROUPS = 16;

  /** The zone of a lockdown that means the account's own. */
  private static final String DEFAULT_LOCKDOWN = "default";

  private final Transport wire;
  private final BrivoApi api;
  private final InstantSource clock;
  private final String prefix;

  public BrivoTarget(BrivoSettings settings, Turnstile turnstile, InstantSource clock) {
    this(settings, new HttpCaller(settings.timeouts(), null, turnstile, clock), clock);
  }

  BrivoTarget(BrivoSettings settings, Transport wire, InstantSource clock) {
    this.wire = wire;
    this.api = new BrivoApi(settings, wire, new BrivoTokens(settings, wire, clock));
    this.clock = clock;
    this.prefix = settings.marker() + "-";
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
    Set<Long> groups = groups(grant.zones());
    JsonNode user = user(grant.key());
    boolean changed = user == null;
    if (user == null) {
      user = create(grant, window);
    }
    if (!window.equals(window(user))) {
      api.good("change user", "PATCH", path(user), put(window, object()));
      changed = true;
    }
    changed |= dateCredentials(user, window);
    changed |= putIntoGroups(user, groups);
    if (user.path("suspended").asBoolean()) {
      api.good("let user in", "PUT", path(user) + "/suspended", object().put("suspended", false));
      changed = true;
    }
    return changed ? Effect.DONE : Effect.ALREADY;
  }

  /** The external id is unique, so a refusal may mean that an earlier attempt went well. */
  private JsonNode create(Grant grant, Window window) throws TargetException, InterruptedException {
    PersonName name = PersonName.of(grant.displayName());
    ObjectNode body =
        object()
            .put("firstName", name.first())
            .put("lastName", name.last())
            .put("externalId", prefix + grant.key());
    Answer answer = api.send("create user", "POST", "/users", put(window, body));
    if (answer.good()) {
      JsonNode made = answer.json();
      if (made.path("id").asLong() == 0) {
        throw answer.failure(Kind.AMBIGUOUS, "did not say which user was made");
      }
      return made;
    }
    JsonNode there = answer.status() == BrivoApi.BAD_REQUEST ? user(grant.key()) : null;
    if (there == null) {
      throw BrivoApi.failure(answer);
    }
    return there;
  }

  /** A credential without an end of its own would open as long as the user is in a group. */
  private boolean dateCredentials(JsonNode user, Window window)
      throws TargetException, InterruptedException {
    boolean changed = false;
    for (JsonNode credential : credentials(user)) {
      if (!window.equals(window(credential))) {
        api.good("date credential", "PUT", path(user, credential), put(window, object()));
        changed = true;
      }
    }
    return changed;
  }

  private boolean putIntoGroups(JsonNode user, Set<Long> groups)
      throws TargetException, InterruptedException {
    Set<Long> there = groupsOf(user);
    Set<Long> missing = new TreeSet<>(groups);
    missing.removeAll(there);
    Set<Long> surplus = new TreeSet<>(there);
    surplus.removeAll(groups);
    if (missing.isEmpty() && surplus.isEmpty()) {
      return false;
    }
    changeGroups(user, missing, surplus);
    if (!groupsOf(user).equals(groups)) {
      throw new TargetException(Kind.RETRY, "Brivo: change groups had no effect yet");
    }
    return true;
  }

  private void changeGroups(JsonNode user, Set<Long> add, Set<Long> remove)
      throws TargetException, InterruptedException {
    ObjectNode body = object();
    add.forEach(body.putArray("addGroups")::add);
    remove.forEach(body.putArray("removeGroups")::add);
    api.good("change groups", "POST", path(user) + "/groups", body);
  }

  @Override
  public Effect ensureRevoked(GrantKey key, long sequence)
      throws TargetException, InterruptedException {
    JsonNode user = user(key);
    if (user == null || isShut(user)) {
      return Effect.ALREADY;
    }
    if (!user.path("suspended").asBoolean()) {
      gone("suspend user", "PUT", path(user) + "/suspended", object().put("suspended", true));
    }
    if (!credentials(user).isEmpty()) {
      // Only of a suspended user, and without faces: those are left for the loop.
      gone("revoke credentials", "POST", path(user) + "/revoke-credentials", null);
      for (JsonNode left : credentials(user)) {
        gone("remove credential", "DELETE", path(user, left), null);
      }
    }
    Set<Long> groups = groupsOf(user);
    if (!groups.isEmpty()) {
      ObjectNode body = object();
      body.putArray("addGroups");
      groups.forEach(body.putArray("removeGroups")::add);
      gone("leave groups", "POST", path(user) + "/groups", body);
    }
    JsonNode now = user(key);
    if (now != null && !isShut(now)) {
      throw new TargetException(Kind.RETRY, "Brivo: suspend user had no effect yet");
    }
    return Effect.DONE;
  }

  private boolean isShut(JsonNode user) throws TargetException, InterruptedException {
    return user.path("suspended").asBoolean()
        && groupsOf(user).isEmpty()
        && credentials(user).isEmpty();
  }

  private void gone(String name, String method, String path, @Nullable JsonNode body)
      throws TargetException, InterruptedException {
    Answer answer = api.send(name, method, path, body);
    if (!answer.good() && answer.status() != BrivoApi.NOT_FOUND) {
      throw BrivoApi.failure(answer);
    }
  }

  @Override
  public Optional<Observed> find(GrantKey key) throws TargetException, InterruptedException {
    JsonNode user = user(key);
    return user == null ? Optional.empty() : Optional.of(observed(key, user));
  }

  @Override
  public List<Observed> listManaged() throws TargetException, InterruptedException {
    List<Observed> found = new ArrayList<>();
    for (JsonNode user : api.list("list users", "/users")) {
      GrantKey key = key(user);
      if (key != null) {
        found.add(observed(key, user));
      }
    }
    return found;
  }

  /** Ends when the last of the user's PIN and credentials does. */
  private Observed observed(GrantKey key, JsonNode user)
      throws TargetException, InterruptedException {
    Set<String> zones = new HashSet<>();
    groupsOf(user).forEach(group -> zones.add(Long.toString(group)));
    Instant until = time(user, "effectiveTo");
    for (JsonNode credential : credentials(user)) {
      Instant end = time(credential, "effectiveTo");
      until = until == null || end == null ? null : end.isAfter(until) ? end : until;
    }
    boolean active =
        !user.path("suspended").asBoolean()
            && !zones.isEmpty()
            && (until == null || until.isAfter(clock.instant()));
    return new Observed(key, active, until, zones);
  }

  @Override
  public Effect erase(GrantKey key) throws TargetException, InterruptedException {
    JsonNode user = user(key);
    if (user == null) {
      return Effect.ALREADY;
    }
    gone("delete user", "DELETE", path(user), null);
    return Effect.DONE;
  }

  @Override
  public Lockdown lockDown(Set<String> zones) throws TargetException, InterruptedException {
    return scenarios("initiate", zones);
  }

  /** Ends the scenarios that are named; what ends all would end an evacuation too. */
  @Override
  public Lockdown release(Set<String> zones) throws TargetException, InterruptedException {
    return scenarios("clear", zones);
  }

  private Lockdown scenarios(String what, Set<String> zones)
      throws TargetException, InterruptedException {
    for (String zone : zones) {
      if (!zone.equals(DEFAULT_LOCKDOWN) && !isNumber(zone)) {
        throw new TargetException(
            Kind.REJECTED,
            "Brivo: '" + zone + "' is no emergency scenario; expected its number, or 'default'");
      }
    }
    Set<String> failed = new HashSet<>();
    TargetException last = null;
    for (String zone : zones) {
      String path =
          zone.equals(DEFAULT_LOCKDOWN) ? "/default-lockdown/" : "/lockdown/" + zone + "/";
      try {
        Answer answer =
            api.sendAtOnce(what + " lockdown", "POST", "/emergency-scenarios" + path + what);
        if (!answer.good()) {
          throw BrivoApi.failure(answer);
        }
        failed.addAll(failures(zone, answer));
      } catch (TargetException e) {
        failed.add(zone);
        last = e;
      }
    }
    if (last != null && failed.equals(zones)) {
      throw last;
    }
    return new Lockdown(failed);
  }

  /** A good status may carry doors that did not lock. */
  private static Set<String> failures(String zone, Answer answer) throws TargetException {
    Set<String> failed = new HashSet<>();
    if (answer.body().length == 0) {
      return failed;
    }
    JsonNode body = answer.json();
    for (JsonNode device : body.path("devicesThatDidFail")) {
      failed.add(device.isObject() ? device.path("id").asText() : device.asText());
    }
    if (body.path("didAllFail").asBoolean() && failed.isEmpty()) {
      failed.add(zone);
    }
    return failed;
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
    return new TargetException(Kind.REJECTED, "cards at Brivo are not supported");
  }

  @Override
  public void close() {
    wire.close();
  }

  private static Set<Long> groups(Set<String> zones) throws TargetException {
    if (zones.size() > MOST_GROUPS) {
      throw new TargetException(
          Kind.REJECTED, "Brivo: a user can be in 16 groups; the rule names " + zones.size());
    }
    Set<Long> groups = new TreeSet<>();
    for (String zone : zones) {
      if (!isNumber(zone)) {
        throw new TargetException(
            Kind.REJECTED, "Brivo: zone '" + zone + "' is no group; expected its number");
      }
      groups.add(Long.parseLong(zone));
    }
    return groups;
  }

  private static boolean isNumber(String zone) {
    return zone.matches("[0-9]{1,18}");
  }

  private @Nullable JsonNode user(GrantKey key) throws TargetException, InterruptedException {
    Answer answer = api.send("find user", "GET", "/users/" + prefix + key + "/external", null);
    if (answer.status() == BrivoApi.NOT_FOUND) {
      return null;
    }
    if (!answer.good()) {
      throw BrivoApi.failure(answer);
    }
    JsonNode user = answer.json();
    return key.equals(key(user)) ? user : null;
  }

  private Set<Long> groupsOf(JsonNode user) throws TargetException, InterruptedException {
    Set<Long> groups = new TreeSet<>();
    api.list("list groups", path(user) + "/groups")
        .forEach(group -> groups.add(group.path("id").asLong()));
    return groups;
  }

  private List<JsonNode> credentials(JsonNode user) throws TargetException, InterruptedException {
    return api.list("list credentials", path(user) + "/credentials");
  }

  private @Nullable GrantKey key(JsonNode user) {
    String id = user.path("externalId").asText();
    try {
      return id.startsWith(prefix) ? new GrantKey(id.substring(prefix.length())) : null;
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static String path(JsonNode user) {
    return "/users/" + user.path("id").asLong();
  }

  private static String path(JsonNode user, JsonNode credential) {
    return path(user) + "/credentials/" + credential.path("id").asLong();
  }

  private static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  private static ObjectNode put(Window window, ObjectNode body) {
    return body.put("effectiveFrom", window.from().toString())
        .put("effectiveTo", window.until().toString());
  }

  private static @Nullable Window window(JsonNode node) {
    Instant from = time(node, "effectiveFrom");
    Instant until = time(node, "effectiveTo");
    return from == null || until == null ? null : new Window(from, until);
  }

  private static @Nullable Instant time(JsonNode node, String field) {
    try {
      return node.hasNonNull(field)
          ? OffsetDateTime.parse(node.path(field).asText()).toInstant()
          : null;
    } catch (DateTimeParseException e) {
      return null;
    }
  }
}
