package dev.vestibule.sink.slack.card;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vestibule.events.EventType;
import dev.vestibule.events.Sensitivity;
import dev.vestibule.events.VisitorEvent;
import java.time.Instant;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Nothing that a visitor types gets out of its line. {@code -Dhostile.names=1000000} tries more
 * names, {@code -Dhostile.seed=…} those of an earlier run.
 */
class HostileNamesTest {
  private static final Asked.Pending QUESTION =
      new Asked.Pending(
          1, "v1.0123456789abcdef", true, null, Instant.parse("2026-01-15T09:15:00Z"));

  @Test
  void noNameBecomesMarkupMentionLinkOrLine() {
    long seed = Long.getLong("hostile.seed", new Random().nextLong());
    int names = Integer.getInteger("hostile.names", 100_000);
    System.out.println("hostile names: " + names + ", seed " + seed);
    Hostile hostile = new Hostile(new Random(seed));
    JsonNode harmless = RenderedMessage.inspect(card("Ada Lovelace", "Sam Rivers", "HQ", "v-1"));

    for (int i = 0; i < names; i++) {
      String visitor = hostile.name();
      String host = hostile.name();
      String site = hostile.name();
      String visit = hostile.name();
      try {
        JsonNode seen = RenderedMessage.inspect(card(visitor, host, site, visit));
        if (!visible(visitor, host, site, visit)) {
          continue; // a field less, but what was there was inspected
        }
        if (!seen.equals(harmless)) {
          throw new AssertionError("another message than that of a harmless visitor: " + seen);
        }
      } catch (AssertionError e) {
        throw new AssertionError("seed " + seed + ", name " + i + ": " + e.getMessage(), e);
      }
    }
    assertThat(harmless.size()).isEqualTo(5);
  }

  private static boolean visible(String... texts) {
    for (String text : texts) {
      if (Text.clean(text, 10).isEmpty()) {
        return false;
      }
    }
    return true;
  }

  private static java.util.Map<String, String> card(
      String visitor, String host, String site, String visit) {
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
