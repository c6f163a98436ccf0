package dev.vestibule.sink.access;

import static dev.vestibule.sink.access.Facts.KEYS;
import static dev.vestibule.sink.access.Facts.MACHINE;
import static dev.vestibule.sink.access.Facts.VISIT;
import static dev.vestibule.sink.access.Facts.at;
import static dev.vestibule.sink.access.Facts.fact;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.events.EventType;
import dev.vestibule.sink.access.Reconciliation.Kind;
import dev.vestibule.sink.access.VisitAccess.Given;
import dev.vestibule.sink.access.target.CardNumber;
import dev.vestibule.sink.access.target.GrantKey;
import dev.vestibule.sink.access.target.Observed;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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

  private static Observed holding(boolean active, String... numbers) {
    Set<CardNumber> cards = Arrays.stream(numbers).map(CardNumber::new).collect(toSet());
    return new Observed(KEYS.of(VISIT), active, END, Set.of("lobby"), cards);
  }

  private static VisitAccess withCard(boolean sure) {
    VisitAccess state =
        MACHINE.take(OPEN, fact(Facts.card("a", "c", "assigned", "1", 1)), at(1)).state();
    Card card = state.card("c").orElseThrow();
    String print = KEYS.print(new CardNumber("1"));
    String fingerprint = Facts.credential(null, "", "1").getFingerprint();
    return state.with(
        card.with(new Card.Given(Objects.requireNonNull(fingerprint), "", sure, 1, print)));
  }

  @Test
  void cardsThatAreThereAndNotWantedOrWantedAndNotThereAreFound() {
    Map<String, VisitAccess> states = Map.of(VISIT, withCard(true));

    assertThat(of(states, holding(true, "1")).findings()).isEmpty();
    assertThat(of(states, holding(true)).findings())
        .extracting(Reconciliation.Finding::kind)
        .containsExactly(Kind.CARD_MISSING);
    assertThat(of(states, holding(true, "1", "2")).findings())
        .extracting(Reconciliation.Finding::kind)
        .containsExactly(Kind.CARD_STRAY);
    assertThat(of(states, holding(true, "2")).findings())
        .extracting(Reconciliation.Finding::kind)
        .containsExactly(Kind.CARD_STRAY, Kind.CARD_MISSING);
    assertThat(of(Map.of(), holding(false, "1")).findings())
        .extracting(Reconciliation.Finding::kind)
        .containsExactly(Kind.CARD_STRAY);
  }

  @Test
  void cardsOfATargetThatCannotTellOrThatAreUnderWayAreNoFinding() {
    assertThat(of(Map.of(VISIT, withCard(true)), seen(true, END, "lobby")).findings()).isEmpty();
    assertThat(of(Map.of(VISIT, withCard(false)), holding(true)).findings()).isEmpty();
  }
}
