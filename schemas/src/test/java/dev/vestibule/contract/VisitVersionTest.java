package dev.vestibule.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.events.EventType;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class VisitVersionTest {
  private static final Instant NOON = Instant.parse("2026-03-02T12:00:00Z");

  @Test
  void laterFactWins() {
    assertThat(version(EventType.SIGNED_IN, NOON, NOON.plusSeconds(60)))
        .isGreaterThan(version(EventType.SIGNED_OUT, NOON.minusSeconds(1), NOON.plusSeconds(90)));
  }

  @Test
  void revokingTypeWinsAtTheSameTime() {
    assertThat(version(EventType.SIGNED_OUT, NOON, NOON))
        .isGreaterThan(version(EventType.SIGNED_IN, NOON, NOON.plusSeconds(60)));
  }

  @Test
  void aClockInTheFutureCountsAsArrivalPlusFiveMinutes() {
    VisitVersion poisoned =
        version(EventType.SIGNED_IN, Instant.parse("2099-01-01T00:00:00Z"), NOON);

    assertThat(poisoned.effectiveAt()).isEqualTo(NOON.plus(Duration.ofMinutes(5)));
    assertThat(version(EventType.SIGNED_OUT, NOON.plusSeconds(600), NOON.plusSeconds(600)))
        .isGreaterThan(poisoned);
  }

  @Test
  void arrivalThenEventIdBreakTies() {
    VisitVersion first = new VisitVersion(NOON, 1, NOON, "a");

    assertThat(new VisitVersion(NOON, 1, NOON.plusMillis(1), "a")).isGreaterThan(first);
    assertThat(new VisitVersion(NOON, 1, NOON, "b")).isGreaterThan(first);
    assertThat(new VisitVersion(NOON, 1, NOON, "a")).isEqualByComparingTo(first);
  }

  @Test
  void onlyTypesThatTakeAccessAwayRevoke() {
    assertThat(EventType.values())
        .filteredOn(VisitVersion::revokes)
        .containsExactlyInAnyOrder(
            EventType.SIGNED_OUT,
            EventType.DENIED,
            EventType.ERASED,
            EventType.PRE_REGISTRATION_CANCELLED);
  }

  private static VisitVersion version(EventType type, Instant occurred, Instant received) {
    return VisitVersion.version(type, occurred, received, "id");
  }
}
