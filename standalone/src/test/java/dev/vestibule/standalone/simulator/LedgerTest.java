package dev.vestibule.standalone.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.contract.Topics;
import dev.vestibule.contract.Vendor;
import dev.vestibule.contract.Verdict;
import dev.vestibule.events.EventType;
import dev.vestibule.events.Sensitivity;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LedgerTest {
  private final VisitSimulator simulator =
      new VisitSimulator(
          new Random(5), Clock.fixed(Instant.parse("2026-03-02T12:00:00Z"), ZoneOffset.UTC));
  private final Ledger ledger = new Ledger();

  @Test
  void firstCopyIsNew() {
    assertThat(ledger.accept(simulator.kyberAccessArrival()))
        .isEqualTo(tally(event(EventType.SIGNED_IN, Verdict.NEW)));
  }

  @Test
  void sameDeliveryTwiceIsADuplicate() {
    Planned arrival = simulator.kyberAccessArrival();
    ledger.accept(arrival);

    assertThat(ledger.accept(arrival)).isEqualTo(tally(Effect.duplicate("SIGNED_IN")));
  }

  @Test
  void anotherDeliveryHeaderMakesNoDifference() {
    Planned arrival = simulator.kyberAccessArrival();
    ledger.accept(arrival);

    assertThat(ledger.accept(simulator.replayed(arrival)))
        .isEqualTo(tally(Effect.duplicate("SIGNED_IN")));
  }

  @Test
  void sameFactUnderAnotherKeyIsADuplicate() {
    assertThat(all(simulator.signInAppTwoRules()))
        .isEqualTo(tally(event(EventType.SIGNED_IN, Verdict.NEW), Effect.duplicate("SIGNED_IN")));
  }

  @Test
  void richerCopyIsARevisionOnce() {
    List<Planned> tellings = simulator.envoyTwoTellings();
    assertThat(all(tellings))
        .isEqualTo(
            tally(
                event(EventType.SIGNED_IN, Verdict.NEW),
                event(EventType.SIGNED_IN, Verdict.REVISION)));

    assertThat(all(tellings))
        .isEqualTo(tally(Effect.duplicate("SIGNED_IN"), Effect.duplicate("SIGNED_IN")));
  }

  @Test
  void oneKeyForTwoFactsIsReportedAndEmitted() {
    assertThat(all(simulator.signInAppContradiction()))
        .isEqualTo(
            tally(
                event(EventType.SIGNED_IN, Verdict.NEW),
                event(EventType.SIGNED_OUT, Verdict.CONFLICT),
                Effect.conflict("delivery")));
  }

  @Test
  void reusedUnsignedHeaderIsReportedAndDecidesNothing() {
    assertThat(all(simulator.kyberAccessReusedHeader()))
        .isEqualTo(
            tally(
                event(EventType.SIGNED_IN, Verdict.NEW),
                event(EventType.SIGNED_OUT, Verdict.NEW),
                Effect.conflict("hint")));
  }

  @Test
  void unchangedSnapshotRepeatsAllItsEvents() {
    assertThat(all(simulator.essentryUnchanged()))
        .isEqualTo(
            tally(
                event(EventType.SIGNED_IN, Verdict.NEW),
                event(EventType.UPDATED, Verdict.NEW),
                Effect.duplicate("SIGNED_IN"),
                Effect.duplicate("UPDATED")));
  }

  @Test
  void changedSnapshotRepeatsOnlyTheFactsItStillHolds() {
    assertThat(all(simulator.visit(Vendor.ESSENTRY)))
        .isEqualTo(
            tally(
                event(EventType.UPDATED, Verdict.NEW),
                event(EventType.SIGNED_IN, Verdict.NEW),
                event(EventType.UPDATED, Verdict.NEW),
                Effect.duplicate("SIGNED_IN"),
                event(EventType.SIGNED_OUT, Verdict.NEW),
                event(EventType.UPDATED, Verdict.NEW)));
  }

  @Test
  void claimsLeaveNoTrace() {
    assertThat(ledger.accept(simulator.curacelClaim())).isEqualTo(Tally.NOTHING);
  }

  @Test
  void unreadableBytesEndAsADeadLetter() {
    Message broken = new Message(Vendor.KYBERACCESS, "broken", "dlv_1", new byte[] {'{'});

    assertThat(ledger.accept(Planned.unreadable(broken)))
        .isEqualTo(tally(Effect.deadLetter("normalizer")));
  }

  @Test
  void sensitivityPicksTheTopic() {
    assertThat(all(simulator.visit(Vendor.CURACEL)).topics()).containsExactly(Topics.EVENTS_HEALTH);
    assertThat(all(simulator.visit(Vendor.KYBERACCESS)).on(Topics.EVENTS_RESTRICTED)).isEqualTo(1);
  }

  @Test
  void differencesNameTopicKindAndBothNumbers() {
    Tally expected = tally(Effect.duplicate("SIGNED_IN"), Effect.duplicate("SIGNED_IN"));
    Tally seen = tally(Effect.duplicate("SIGNED_IN"), Effect.conflict("hint"));

    assertThat(seen.differencesFrom(expected))
        .containsExactly(
            "visitor.conflicts: hint expected 0, got 1",
            "visitor.duplicates: SIGNED_IN expected 2, got 1");
    assertThat(seen.covers(expected)).isFalse();
    assertThat(expected.differencesFrom(expected)).isEmpty();
  }

  private Tally all(List<Planned> story) {
    return story.stream().map(ledger::accept).reduce(Tally.NOTHING, Tally::plus);
  }

  private static Effect event(EventType type, Verdict verdict) {
    return Effect.event(Sensitivity.STANDARD, type, verdict);
  }

  private static Tally tally(Effect... effects) {
    Tally tally = Tally.NOTHING;
    for (Effect effect : effects) {
      tally = tally.plus(effect);
    }
    return tally;
  }
}
