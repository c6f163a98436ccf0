package dev.vestibule.sink.access;

import static dev.vestibule.sink.access.Facts.MACHINE;
import static dev.vestibule.sink.access.Facts.at;
import static dev.vestibule.sink.access.Facts.fact;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.events.EventType;
import dev.vestibule.sink.access.Explanation.Known;
import dev.vestibule.sink.access.VisitAccess.Cause;
import dev.vestibule.sink.access.VisitAccess.Desire;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExplanationTest {
  private static final List<Known> FACTS =
      List.of(
          new Known(fact("early", EventType.SIGNED_OUT, -2), at(-1)),
          new Known(fact("in", EventType.SIGNED_IN, 0), at(1)),
          new Known(fact("in", EventType.SIGNED_IN, 0), at(2)),
          new Known(new Fact.Reviewed(false, at(3)), at(3)));

  @Test
  void everyFactHasTheRuleThatTookOrRefusedIt() {
    Explanation explanation = Explanation.of(MACHINE, FACTS, at(4));

    assertThat(explanation.lines())
        .extracting(Explanation.Line::ruling)
        .containsExactly(Ruling.CLOSES, Ruling.OPENS, Ruling.KNOWN, Ruling.CLOSES);
    assertThat(explanation.state().desire()).isEqualTo(new Desire.Closed(Cause.REFUSED, at(3)));
    assertThat(explanation.lines().get(1))
        .hasToString("2026-03-02T09:01:00Z  SIGNED_IN in  " + Ruling.OPENS.text());
  }

  @Test
  void whatEndsByItselfHasEnded() {
    assertThat(Explanation.of(MACHINE, FACTS.subList(0, 2), at(60)).state().desire())
        .isInstanceOf(Desire.Open.class);
    assertThat(Explanation.of(MACHINE, FACTS.subList(0, 2), at(8 * 60)).state().desire())
        .isEqualTo(new Desire.Closed(Cause.ENDED, at(8 * 60)));
  }
}
