package dev.vestibule.sink.access;

import static dev.vestibule.sink.access.Facts.RULES;
import static dev.vestibule.sink.access.Facts.TARGET;
import static dev.vestibule.sink.access.Facts.at;
import static dev.vestibule.sink.access.Facts.fact;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.events.EventType;
import dev.vestibule.sink.access.Lockdowns.Order;
import dev.vestibule.sink.access.Lockdowns.Phase;
import dev.vestibule.sink.access.Rules.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LockdownsTest {
  private static final Place HQ = new Place("lobby", "hq");

  private final List<Report> reports = new ArrayList<>();
  private Lockdowns locks = Lockdowns.NONE;

  private void take(Fact.Reported fact, int minute) {
    locks = locks.take(fact, RULES, TARGET, at(minute), reports);
  }

  @Test
  void locksWhereARuleNamesSourceAndSite() {
    take(fact("a", EventType.LOCKDOWN_ACTIVATED, 0), 0);

    assertThat(locks.on()).isTrue();
    assertThat(locks.next()).contains(new Order.LockDown(HQ, Set.of("all")));
  }

  @Test
  void locksNothingElse() {
    take(Facts.from("lobby", "annex", "a", EventType.LOCKDOWN_ACTIVATED, 0), 0);
    take(Facts.from("door", "hq", "b", EventType.LOCKDOWN_ACTIVATED, 0), 0);
    take(fact("c", EventType.EVACUATION_ACTIVATED, 0), 0);

    assertThat(locks).isEqualTo(Lockdowns.NONE);
    assertThat(reports)
        .extracting(Report::kind)
        .containsOnly(Report.Kind.LOCKDOWN_WITHOUT_RULE)
        .hasSize(2);
  }

  @Test
  void allClearOfTheSourceReleasesNothing() {
    take(fact("a", EventType.LOCKDOWN_ACTIVATED, 0), 0);
    take(fact("b", EventType.LOCKDOWN_DEACTIVATED, 1), 1);

    assertThat(locks.on()).isTrue();
    assertThat(reports)
        .extracting(Report::kind)
        .containsExactly(Report.Kind.LOCKDOWN_OVER_AT_SOURCE);
  }

  @Test
  void oldDrillLocksNothing() {
    take(fact("a", EventType.LOCKDOWN_ACTIVATED, 0), 15);

    assertThat(locks.on()).isFalse();
    assertThat(reports).extracting(Report::kind).containsExactly(Report.Kind.LOCKDOWN_NOT_LIVE);
  }

  @Test
  void copyDoesNotLockAgainAfterRelease() {
    take(fact("a", EventType.LOCKDOWN_ACTIVATED, 0), 0);
    locks = locks.release(HQ, at(1));
    take(fact("a", EventType.LOCKDOWN_ACTIVATED, 0), 2);
    assertThat(locks.on()).isFalse();

    take(fact("b", EventType.LOCKDOWN_ACTIVATED, 2), 2);
    assertThat(locks.on()).isTrue();
  }

  @Test
  void answerToAnOrderThatIsNoLongerWantedIsPassedOver() {
    take(fact("a", EventType.LOCKDOWN_ACTIVATED, 0), 0);
    Order locking = locks.next().orElseThrow();
    locks = locks.release(HQ, at(1)).done(locking, at(2));

    assertThat(locks.at(HQ).orElseThrow().phase()).isEqualTo(Phase.RELEASING);
    locks = locks.done(locks.next().orElseThrow(), at(3));
    assertThat(locks.next()).isEmpty();
  }
}
