package dev.vestibule.sink.access;

import static dev.vestibule.sink.access.Facts.KEYS;
import static dev.vestibule.sink.access.Facts.MACHINE;
import static dev.vestibule.sink.access.Facts.VISIT;
import static dev.vestibule.sink.access.Facts.at;
import static dev.vestibule.sink.access.Facts.fact;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.events.EventType;
import dev.vestibule.sink.access.Reconciliation.Kind;
import dev.vestibule.sink.access.VisitAccess.Given;
import dev.vestibule.sink.access.target.GrantKey;
import dev.vestibule.sink.access.target.Observed;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReconciliationTest {
  private static final VisitAccess OPEN =
      MACHINE.take(VisitAccess.NONE, fact("in", EventType.SIGNED_IN, 0), at(1)).state();
  private static final Instant END = at(8 * 60);

  private static Reconciliation of(Map<String, VisitAccess> states, Observed... observed) {
    return Reconciliation.of(List.of(observed), states, KEYS, at(2));
  }

  private static Observed seen(boolean active, @Nullable Instant until, String zone) {
    return new Observed(KEYS.of(VISIT), active, until, Set.of(zone));
  }

  @Test
  void whatIsAsWantedIsNoFinding() {
    assertThat(of(Map.of(VISIT, OPEN), seen(true, END, "lobby")).findings()).isEmpty();
  }

  @Test
  void whatNobodyWantsIsAStray() {
    assertThat(of(Map.of(), seen(true, END, "lobby")).findings())
        .containsExactly(new Reconciliation.Finding(Kind.STRAY, VISIT, KEYS.of(VISIT)));
    assertThat(of(Map.of(), seen(false, END, "lobby")).findings()).isEmpty();
  }

  @Test
  void longerOrElsewhereIsWider() {
    Map<String, VisitAccess> states = Map.of(VISIT, OPEN);

    for (Observed wider :
        List.of(
            seen(true, null, "lobby"),
            seen(true, END.plusSeconds(60), "lobby"),
            seen(true, END, "vault"))) {
      assertThat(of(states, wider).findings())
          .extracting(Reconciliation.Finding::kind)
          .containsExactly(Kind.WIDER);
    }
  }

  @Test
  void whatWasGivenAndIsGoneIsReported() {
    VisitAccess given = OPEN.with(Given.as(OPEN.sequence()));

    assertThat(of(Map.of(VISIT, given)).findings())
        .extracting(Reconciliation.Finding::kind)
        .containsExactly(Kind.MISSING);
    assertThat(of(Map.of(VISIT, OPEN)).findings()).isEmpty();
  }

  @Test
  void whatCarriesAnothersMarkIsCountedOnly() {
    GrantKey other = new GrantKeys(Facts.IDENTITY, "gates").of(VISIT);

    Reconciliation found = of(Map.of(), new Observed(other, true, END, Set.of("lobby")));

    assertThat(found.findings()).isEmpty();
    assertThat(found.foreign()).isEqualTo(1);
  }
}
