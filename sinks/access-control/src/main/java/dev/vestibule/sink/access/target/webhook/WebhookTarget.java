package dev.vestibule.sink.access.target.webhook;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.vestibule.sink.access.target.AccessTarget;
import dev.vestibule.sink.access.target.Allowance;
import dev.vestibule.sink.access.target.Effect;
import dev.vestibule.sink.access.target.Grant;
import dev.vestibule.sink.access.target.GrantKey;
import dev.vestibule.sink.access.target.Lockdown;
import dev.vestibule.sink.access.target.Observed;
import dev.vestibule.sink.access.target.TargetException;
import dev.vestibule.sink.access.target.TargetException.Kind;
import dev.vestibule.sink.access.target.Window;
import dev.vestibule.sink.access.target.http.Answer;
import dev.vestibule.sink.access.target.http.Call;
import dev.vestibule.sink.access.target.http.JsonWindows;
import dev.vestibule.sink.access.target.http.Transport;
import dev.vestibule.sink.access.target.http.Trust;
import dev.vestibule.sink.access.target.http.Turnstile;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Tells a receiver what shall be. Every attempt for the same key and sequence carries the same
 * {@code webhook-id}, so a call may be repeated after any doubt; a revoke must have a sequence
 * above the grant's, as receivers ignore what is not newer.
 */
public final class WebhookTarget implements AccessTarget {
  private static final JsonWindows WINDOWS =
      new JsonWindows("valid_from", "valid_until", "not_after");
  private static final int MOST_BYTES = 20_000;
  private static final int GONE = 410;

  private final WebhookSettings settings;
  private final WebhookSignature signature;
  private final Transport wire;
  private final Turnstile turnstile;
  private final InstantSource clock;

  public WebhookTarget(WebhookSettings settings, Turnstile turnstile, InstantSource clock) {
    this(
        settings,
        new GuardedPost(
            new GuardedSockets(Trust.of(settings.trust(), null, null), settings.insideAllowed()),
            settings.timeouts(),
            clock),
        turnstile,
        clock);
  }

  WebhookTarget(
      WebhookSettings settings, Transport wire, Turnstile turnstile, InstantSource clock) {
    this.settings = settings;
    this.signature = settings.signature();
    this.wire = wire;
    this.turnstile = turnstile;
    this.clock = clock;
  }

  @Override
  public Set<Capability> capabilities() {
    return Set.of(Capability.LOCKS_DOWN);
  }

  @Override
  public Allowance pace() {
    return new Allowance(10, 10);
  }

  @Override
  public Effect ensureGranted(Grant grant) throws TargetException, InterruptedException {
    Window window = Window.of(grant);
    ObjectNode data = data(grant.key(), grant.sequence(), "grant");
    data.put("valid_from", window.from().toString());
    data.put("valid_until", window.until().toString());
    data.put("not_after", seconds(grant.notAfter()).toString());
    putZones(data, grant.zones());
    data.putObject("visitor").put("display_name", grant.displayName());
    turnstile.pass();
    return tell("visitor.access.grant", "grant-" + grant.key() + "-" + grant.sequence(), data);
  }

  @Override
  public Effect ensureRevoked(GrantKey key, long sequence)
      throws TargetException, InterruptedException {
    turnstile.pass();
    return tell(
        "visitor.access.revoke", "revoke-" + key + "-" + sequence, data(key, sequence, "revoke"));
  }

  @Override
  public Optional<Observed> find(GrantKey key) throws TargetException {
    throw cannot("be asked what is there");
  }

  @Override
  public List<Observed> listManaged() throws TargetException {
    throw cannot("be asked what is there");
  }

  @Override
  public Lockdown lockDown(Set<String> zones) throws TargetException, InterruptedException {
    return lockdown("start", zones);
  }

  @Override
  public Lockdown release(Set<String> zones) throws TargetException, InterruptedException {
    return lockdown("end", zones);
  }

  private Lockdown lockdown(String what, Set<String> zones)
      throws TargetException, InterruptedException {
    ObjectNode data = JsonNodeFactory.instance.objectNode();
    data.put("action", "lockdown-" + what);
    putZones(data, zones);
    tell("site.lockdown." + what, "lockdown-" + what + "-" + UUID.randomUUID(), data);
    return new Lockdown(Set.of());
  }

  @Override
  public Effect assignCard(GrantKey key, String number) throws TargetException {
    throw cannot("be given cards");
  }

  @Override
  public Effect returnCard(GrantKey key, String number) throws TargetException {
    throw cannot("be given cards");
  }

  @Override
  public Effect erase(GrantKey key) throws TargetException, InterruptedException {
    ObjectNode data = JsonNodeFactory.instance.objectNode();
    data.put("grant_key", key.value());
    data.put("action", "erase");
    turnstile.pass();
    return tell("visitor.access.erase", "erase-" + key, data);
  }

  /** Connections are kept by the JDK for a few seconds after their last use. */
  @Override
  public void close() {}

  private static ObjectNode data(GrantKey key, long sequence, String action) {
    ObjectNode data = JsonNodeFactory.instance.objectNode();
    data.put("grant_key", key.value());
    data.put("sequence", sequence);
    data.put("action", action);
    return data;
  }

  private static void putZones(ObjectNode data, Set<String> zones) {
    new TreeSet<>(zones).forEach(data.putArray("zones")::add);
  }

  private Effect tell(String type, String id, ObjectNode data)
      throws TargetException, InterruptedException {
    Instant now = seconds(clock.instant());
    ObjectNode message = JsonNodeFactory.instance.objectNode();
    message.put("type", type);
    message.put("timestamp", now.toString());
    message.set("data", data);
    byte[] body = WINDOWS.written(message);
    if (body.length > MOST_BYTES) {
      throw new TargetException(
          Kind.REJECTED, "webhook: " + type + " is larger than 20 kB; name fewer zones");
    }
    Map<String, String> headers = new LinkedHashMap<>(signature.headers(id, now, body));
    headers.put("Content-Type", "application/json");
    headers.put("User-Agent", "Vestibule");
    Answer answer =
        wire.sendAtOnce(new Call("webhook: " + type, "POST", settings.uri(), headers, body, true));
    if (answer.good()) {
      return Effect.DONE;
    }
    throw answer.status() == GONE
        ? answer.failure(Kind.AUTH, "is not wanted any more; remove the target or its rule")
        : answer.failure(Kind.RETRY, "was not taken");
  }

  private static Instant seconds(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS);
  }

  private static TargetException cannot(String what) {
    return new TargetException(Kind.REJECTED, "a receiver of webhooks cannot " + what);
  }
}
