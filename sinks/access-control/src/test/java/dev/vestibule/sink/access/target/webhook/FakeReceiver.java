package dev.vestibule.sink.access.target.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vestibule.sink.access.target.FakeServer;
import dev.vestibule.sink.access.target.FakeSystem.Standing;
import dev.vestibule.sink.access.target.GrantKey;
import dev.vestibule.sink.access.target.webhook.WebhookVerifier.Verdict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLContext;

/** A receiver that does its duties: verifies, forgets repeats and what is old, keeps the rest. */
final class FakeReceiver extends FakeServer {
  private final WebhookVerifier verifier;
  private final Instant now;
  private final Set<String> seen = new HashSet<>();
  private final Map<String, Long> sequences = new HashMap<>();
  private final Map<String, Standing> open = new HashMap<>();
  private final Set<String> people = new HashSet<>();
  private final List<JsonNode> lockdowns = new ArrayList<>();
  private boolean gone;

  FakeReceiver(SSLContext tls, List<String> keys, Instant now) {
    super(tls, false);
    this.verifier = new WebhookVerifier(keys);
    this.now = now;
  }

  @Override
  protected Reply answer(Request request) {
    if (gone) {
      return Reply.of(410);
    }
    if (verifier.verify(request.headers(), request.body(), now) != Verdict.GOOD) {
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
        if (isNewer(key, data) && !now.isAfter(Instant.parse(data.path("not_after").asText()))) {
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

  synchronized List<Standing> standing(GrantKey key) {
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
