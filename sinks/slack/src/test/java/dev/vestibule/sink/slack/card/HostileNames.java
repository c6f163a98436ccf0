package dev.vestibule.sink.slack.card;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vestibule.events.EventType;
import dev.vestibule.events.Sensitivity;
import dev.vestibule.events.VisitorEvent;
import java.time.Instant;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tries names that somebody might type who wants to be more than a name. */
public final class HostileNames {
  private static final Asked.Pending QUESTION =
      new Asked.Pending(
          1, "v1.0123456789abcdef", true, null, Instant.parse("2026-01-15T09:15:00Z"));

  private static final Set<String> TYPED = Set.of("Host:", "Site:", "visit");
  private static final String BEGINS = "Visitor needs a review: ";
  private static final String ENDS = "; an answer is needed";

  private HostileNames() {}

  /**
   * What came of it.
   *
   * @param escapes how many got out of their line
   * @param first what the first of them did, or null
   */
  public record Result(int escapes, @Nullable String first) {}

  /** The same seed tries the same names. */
  public static Result run(long seed, int names) {
    Hostile hostile = new Hostile(new Random(seed));
    JsonNode harmless = harmless();
    int escapes = 0;
    String first = null;
    for (int i = 0; i < names; i++) {
      try {
        check(card(hostile.name(), hostile.name(), hostile.name(), hostile.name()), harmless);
      } catch (AssertionError e) {
        escapes++;
        first = first == null ? "seed " + seed + ", name " + i + ": " + e.getMessage() : first;
      }
    }
    return new Result(escapes, first);
  }

  /** What is seen of a visitor with a name like any other. */
  static JsonNode harmless() {
    return ours(RenderedMessage.inspect(card("Ada Lovelace", "Sam Rivers", "HQ", "v-1")));
  }

  private static void check(Map<String, String> sent, JsonNode harmless) {
    JsonNode seen = ours(RenderedMessage.inspect(sent));
    if (!seen.equals(harmless)) {
      throw new AssertionError("another message than that of a harmless visitor: " + seen);
    }
    String text = sent.getOrDefault("text", "");
    if (!text.startsWith(BEGINS) || !text.endsWith(ENDS)) {
      throw new AssertionError("a text that does not begin and end with our words: " + text);
    }
  }

  /** Without what is left out where nothing of it can be seen; none of that is there twice. */
  private static JsonNode ours(JsonNode message) {
    Set<String> seen = new HashSet<>();
    for (JsonNode block : message.get("blocks")) {
      for (String key : List.of("fields", "elements")) {
        for (Iterator<JsonNode> parts = block.path(key).iterator(); parts.hasNext(); ) {
          String text = parts.next().path("text").asText();
          if (TYPED.contains(text)) {
            parts.remove();
            if (!seen.add(text)) {
              throw new AssertionError(text + " twice");
            }
          }
        }
      }
    }
    return message;
  }

  private static Map<String, String> card(String visitor, String host, String site, String visit) {
    VisitorEvent event = Visits.event(visit, EventType.REVIEW_REQUIRED, Visits.NINE);
    event.setSensitivity(Sensitivity.RESTRICTED);
    if (visitor.length() % 2 == 0) {
      event.getPerson().setFullName(visitor);
    } else {
      event.getPerson().setFirstName(visitor);
      event.getPerson().setLastName(host);
    }
    event.getHost().setFullName(host);
    event.getSite().setName(site);
    VisitView view = Objects.requireNonNull(VisitView.of(event)).asking(QUESTION);
    return VisitCard.of(view, "0123456789abcdef", 7).post("C0123");
  }
}
