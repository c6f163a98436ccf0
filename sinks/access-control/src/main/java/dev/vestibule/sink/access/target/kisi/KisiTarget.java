package dev.vestibule.sink.access.target.kisi;

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
import dev.vestibule.sink.access.target.http.Call;
import dev.vestibule.sink.access.target.http.HttpCaller;
import dev.vestibule.sink.access.target.http.JsonWindows;
import dev.vestibule.sink.access.target.http.Transport;
import dev.vestibule.sink.access.target.http.Turnstile;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Makes a member for each grant and gives it a role with dates in each group. Links, which work
 * without signing in and past every restriction, are never made.
 */
public final class KisiTarget implements AccessTarget {
  private static final JsonWindows WINDOWS =
      new JsonWindows("valid_from", "valid_until", "role_id");
  private static final String ROLE = "group_basic";
  private static final int PAGE = 100;

  /** No server's pages are smaller, so a shorter one is the last. */
  private static final int SMALLEST_PAGE = 10;

  private static final int SWEEPS = 3;
  private static final int GONE = 404;

  private final Transport wire;
  private final InstantSource clock;
  private final String base;
  private final Map<String, String> headers;
  private final String domain;

  public KisiTarget(KisiSettings settings, Turnstile turnstile, InstantSource clock) {
    this(settings, new HttpCaller(settings.timeouts(), null, turnstile, clock), clock);
  }

  KisiTarget(KisiSettings settings, Transport wire, InstantSource clock) {
    this.wire = wire;
    this.clock = clock;
    this.base = settings.uri().toString();
    this.headers = settings.headers();
    this.domain = "@" + settings.marker() + ".visit.invalid";
  }

  @Override
  public Set<Capability> capabilities() {
    return Set.of(Capability.READS_BACK);
  }

  @Override
  public Allowance pace() {
    return new Allowance(2, 4);
  }

  @Override
  public Effect ensureGranted(Grant grant) throws TargetException, InterruptedException {
    Window window = Window.of(grant);
    Set<Long> groups = groups(grant.zones());
    List<Long> users = users(grant.key());
    Effect effect = Effect.ALREADY;
    if (users.isEmpty()) {
      users = List.of(create(grant));
      effect = Effect.DONE;
    }
    for (long other : users.subList(1, users.size())) {
      for (JsonNode assignment : assignments(other)) {
        remove(assignment);
        effect = Effect.DONE;
      }
    }
    return converge(users.getFirst(), groups, window) ? Effect.DONE : effect;
  }

  /**
   * Takes away first and gives then: in between a door is closed, which is the better of the two.
   */
  private boolean converge(long user, Set<Long> groups, Window window)
      throws TargetException, InterruptedException {
    Set<Long> missing = new TreeSet<>(groups);
    boolean changed = false;
    for (JsonNode assignment : assignments(user)) {
      boolean wanted =
          assignment.path("role_id").asText().equals(ROLE)
              && window.equals(window(assignment))
              && missing.remove(assignment.path("group_id").asLong());
      if (!wanted) {
        remove(assignment);
        changed = true;
      }
    }
    for (long group : missing) {
      ObjectNode body = JsonNodeFactory.instance.objectNode();
      body.putObject("role_assignment")
          .put("user_id", user)
          .put("role_id", ROLE)
          .put("group_id", group)
          .put("valid_from", window.from().toString())
          .put("valid_until", window.until().toString());
      good(call("assign role", "POST", "/role_assignments", body));
      changed = true;
    }
    return changed;
  }

  private long create(Grant grant) throws TargetException, InterruptedException {
    PersonName name = PersonName.of(grant.displayName());
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.putObject("member")
        .put("name", name.first() + " " + name.last())
        .put("email", grant.key() + domain);
    Answer answer = good(call("create member", "POST", "/members", body));
    long user = answer.json().path("user").path("id").asLong();
    if (user == 0) {
      throw answer.failure(Kind.AMBIGUOUS, "did not say which user was made");
    }
    return user;
  }

  @Override
  public Effect ensureRevoked(GrantKey key, long sequence)
      throws TargetException, InterruptedException {
    List<Long> users = users(key);
    Effect effect = Effect.ALREADY;
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
      boolean clean = true;
      for (long user : users) {
        for (JsonNode assignment : assignments(user)) {
          remove(assignment);
          clean = false;
          effect = Effect.DONE;
        }
      }
      if (clean) {
        return effect;
      }
    }
    throw new TargetException(Kind.RETRY, "Kisi: there are roles again after they were removed");
  }

  private void remove(JsonNode assignment) throws TargetException, InterruptedException {
    String path = "/role_assignments/" + assignment.path("id").asLong();
    Answer answer = wire.send(call("remove role", "DELETE", path, null));
    if (!answer.good() && answer.status() != GONE) {
      throw answer.failure();
    }
  }

  @Override
  public Optional<Observed> find(GrantKey key) throws TargetException, InterruptedException {
    List<Observed> found = new ArrayList<>();
    for (long user : users(key)) {
      found.add(observed(key, assignments(user)));
    }
    return found.stream().reduce(Observed::and);
  }

  @Override
  public List<Observed> listManaged() throws TargetException, InterruptedException {
    Map<GrantKey, Observed> found = new LinkedHashMap<>();
    for (JsonNode member : list("list members", "/members?query=" + encoded(domain))) {
      GrantKey key = key(member);
      if (key != null) {
        long user = member.path("user").path("id").asLong();
        found.merge(key, observed(key, assignments(user)), Observed::and);
      }
    }
    return List.copyOf(found.values());
  }

  private Observed observed(GrantKey key, List<JsonNode> assignments) {
    Observed all = new Observed(key, false, null, Set.of());
    for (JsonNode assignment : assignments) {
      Instant until = time(assignment, "valid_until");
      all =
          all.and(
              new Observed(
                  key,
                  until == null || until.isAfter(clock.instant()),
                  until,
                  Set.of(assignment.path("group_id").asText())));
    }
    return all;
  }

  @Override
  public Effect erase(GrantKey key) throws TargetException, InterruptedException {
    Effect effect = Effect.ALREADY;
    for (JsonNode member : members(key)) {
      String path = "/members/" + member.path("id").asLong();
      Answer answer = wire.send(call("delete member", "DELETE", path, null));
      if (!answer.good() && answer.status() != GONE) {
        throw answer.failure();
      }
      effect = Effect.DONE;
    }
    return effect;
  }

  @Override
  public Lockdown lockDown(Set<String> zones) throws TargetException {
    throw noLockdown();
  }

  @Override
  public Lockdown release(Set<String> zones) throws TargetException {
    throw noLockdown();
  }

  private static TargetException noLockdown() {
    return new TargetException(
        Kind.REJECTED, "Kisi has no documented call for a lockdown; use its console");
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
    return new TargetException(Kind.REJECTED, "cards at Kisi are not supported");
  }

  @Override
  public void close() {
    wire.close();
  }

  private static Set<Long> groups(Set<String> zones) throws TargetException {
    Set<Long> groups = new TreeSet<>();
    for (String zone : zones) {
      if (!zone.matches("[0-9]{1,18}")) {
        throw new TargetException(
            Kind.REJECTED, "Kisi: zone '" + zone + "' is no group; expected its number");
      }
      groups.add(Long.parseLong(zone));
    }
    return groups;
  }

  /** The users behind the members of a key; more than one only after something went wrong. */
  private List<Long> users(GrantKey key) throws TargetException, InterruptedException {
    return members(key).stream().map(member -> member.path("user").path("id").asLong()).toList();
  }

  /** A query finds what looks alike too, so the address decides. */
  private List<JsonNode> members(GrantKey key) throws TargetException, InterruptedException {
    return list("find member", "/members?query=" + encoded(key + domain)).stream()
        .filter(member -> key.equals(key(member)))
        .toList();
  }

  private List<JsonNode> assignments(long user) throws TargetException, InterruptedException {
    return list("list roles", "/role_assignments?user_id=" + user);
  }

  private List<JsonNode> list(String name, String path)
      throws TargetException, InterruptedException {
    List<JsonNode> all = new ArrayList<>();
    Set<Long> ids = new HashSet<>();
    while (true) {
      JsonNode page =
          good(call(name, "GET", path + "&limit=" + PAGE + "&offset=" + all.size(), null)).json();
      for (JsonNode item : page) {
        all.add(item);
        if (!ids.add(item.path("id").asLong())) {
          throw new TargetException(
              Kind.RETRY, "Kisi: " + name + " changed under the reading; it is read again");
        }
      }
      if (page.size() < SMALLEST_PAGE) {
        return all;
      }
    }
  }

  private Answer good(Call call) throws TargetException, InterruptedException {
    Answer answer = wire.send(call);
    if (answer.good()) {
      return answer;
    }
    throw answer.failure();
  }

  private Call call(String name, String method, String path, @Nullable JsonNode body) {
    return new Call(
        "Kisi: " + name,
        method,
        URI.create(base + path),
        headers,
        body == null ? null : WINDOWS.written(body),
        !method.equals("GET"));
  }

  private @Nullable GrantKey key(JsonNode member) {
    String email = member.path("user").path("email").asText().toLowerCase(Locale.ROOT);
    try {
      return email.endsWith(domain)
          ? new GrantKey(email.substring(0, email.length() - domain.length()))
          : null;
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** Null where it has no end or begin, which is never our doing. */
  private static @Nullable Window window(JsonNode assignment) {
    Instant from = time(assignment, "valid_from");
    Instant until = time(assignment, "valid_until");
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

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
