package dev.vestibule.sink.access.target.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vestibule.config.Secret;
import dev.vestibule.sink.access.target.AccessTarget;
import dev.vestibule.sink.access.target.FakeSystem.Standing;
import dev.vestibule.sink.access.target.FakeVendor;
import dev.vestibule.sink.access.target.GrantKey;
import dev.vestibule.sink.access.target.http.Turnstile;
import dev.vestibule.sink.access.target.webhook.WebhookVerifier.Verdict;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A receiver that does its duties: verifies, forgets repeats and what is old, keeps the rest. */
public final class FakeReceiver extends FakeVendor {
  /** Of nobody: it lives and ends with a test. */
  private static final String KEY = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

  private final WebhookVerifier verifier;
  private final InstantSource clock;
  private final Set<String> seen = new HashSet<>();
  private final Map<String, Long> sequences = new HashMap<>();
  private final Map<String, Standing> open = new HashMap<>();
  private final Set<String> people = new HashSet<>();
  private final List<JsonNode> lockdowns = new ArrayList<>();
  private boolean gone;

  /** One for {@link #connect}, with a key of its own. */
  public FakeReceiver(InstantSource clock) {
    this(null, List.of(KEY), clock);
  }

  FakeReceiver(@Nullable SSLContext tls, List<String> keys, InstantSource clock) {
    super(tls, false);
    this.verifier = new WebhookVerifier(keys);
    this.clock = clock;
  }

  @Override
  public AccessTarget connect(InstantSource clock) {
    return new WebhookTarget(
        new WebhookSettings(
            "vestibule.sinks.doors.",
            "http://127.0.0.1/hook",
            List.of(new Secret(KEY)),
            Set.of("127.0.0.1"),
            null,
            WebhookSettings.TIMEOUTS),
        wire(clock),
        Turnstile.OPEN,
        clock);
  }

  @Override
  public Set<String> zones() {
    return Set.of("lobby", "lift");
  }

  @Override
  public Set<String> lockdownZones() {
    return Set.of("all");
  }

  /** By the last that was said. */
  @Override
  public synchronized boolean locked() {
    return !lockdowns.isEmpty()
        && lockdowns.getLast().path("type").asText().equals("site.lockdown.start");
  }

  @Override
  protected Reply answer(Request request) {
    if (gone) {
      return Reply.of(410);
    }
    if (verifier.verify(request.headers(), request.body(), clock.instant()) != Verdict.GOOD) {
      return Reply.of(401);
    }
    if (seen.add(request.headers().getFirst("webhook-id"))) {
      take(request.json());
    }
    return Reply.of(204);
  }

  private void take(JsonNode message) {
    JsonNode data = message.path("data");
    String key = data.path("grant_key").asText();
    switch (message.path("type").asText()) {
      case "visitor.access.grant" -> {
        if (isNewer(key, data)
            && !clock.instant().isAfter(Instant.parse(data.path("not_after").asText()))) {
          people.add(key);
          Set<String> zones = new HashSet<>();
          data.path("zones").forEach(zone -> zones.add(zone.asText()));
          open.put(
              key,
              new Standing(
                  Instant.parse(data.path("valid_from").asText()),
                  Instant.parse(data.path("valid_until").asText()),
                  zones));
        }
      }
      case "visitor.access.revoke" -> {
        if (isNewer(key, data)) {
          open.remove(key);
        }
      }
      case "visitor.access.erase" -> people.remove(key);
      default -> lockdowns.add(message);
    }
  }

  private boolean isNewer(String key, JsonNode data) {
    long sequence = data.path("sequence").asLong();
    if (sequence <= sequences.getOrDefault(key, 0L)) {
      return false;
    }
    sequences.put(key, sequence);
    return true;
  }

  @Override
  public synchronized List<Standing> standing(GrantKey key) {
    Standing standing = open.get(key.value());
    return standing == null ? List.of() : List.of(standing);
  }

  synchronized boolean remembers(GrantKey key) {
    return people.contains(key.value());
  }

  synchronized List<JsonNode> lockdowns() {
    return List.copyOf(lockdowns);
  }

  synchronized void leave() {
    gone = true;
  }
}
