package dev.vestibule.sink.slack.message;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.sink.slack.message.CallLimits.Method;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CallLimitsTest {
  private static final Instant NINE = Instant.parse("2026-01-15T09:00:00Z");
  private final CallLimits limits = new CallLimits();

  /** Times of calls that are made as early as they may, over channels in turn. */
  private List<Instant> calls(Method method, int calls, int channels) {
    List<Instant> made = new ArrayList<>();
    Instant now = NINE;
    for (int i = 0; i < calls; i++) {
      String channel = "C" + i % channels;
      now = limits.earliest(method, channel, now);
      limits.spend(method, channel, now);
      made.add(now);
    }
    return made;
  }

  private static long most(List<Instant> calls, Duration within) {
    long most = 0;
    for (Instant from : calls) {
      Instant to = from.plus(within);
      most =
          Math.max(
              most, calls.stream().filter(at -> !at.isBefore(from) && at.isBefore(to)).count());
    }
    return most;
  }

  @Test
  void aChannelTakesThreePostsAtOnceAndThenOneASecond() {
    List<Instant> calls = calls(Method.POST, 63, 1);

    assertThat(calls.subList(0, 3)).containsOnly(NINE);
    assertThat(calls.getLast()).isEqualTo(NINE.plusSeconds(60));
  }

  @ParameterizedTest
  @CsvSource({"POST, 200", "UPDATE, 50", "HISTORY, 50"})
  void noMinuteHasMoreThanAWorkspaceTakes(Method method, int most) {
    assertThat(most(calls(method, 1000, 400), Duration.ofMinutes(1)))
        .isBetween(most - 2L, (long) most);
  }

  @Test
  void unusedTimeIsNotSavedUp() {
    calls(Method.POST, 1, 1);
    Instant later = NINE.plus(Duration.ofHours(1));

    for (int i = 0; i < 3; i++) {
      assertThat(limits.earliest(Method.POST, "C0", later)).isEqualTo(later);
      limits.spend(Method.POST, "C0", later);
    }
    assertThat(limits.earliest(Method.POST, "C0", later)).isEqualTo(later.plusSeconds(1));
  }

  @Test
  void whatSlackAsksForGoesAboveAll() {
    Instant until = NINE.plusSeconds(30);
    limits.pause(Method.POST, "C1", until);
    limits.pause(Method.POST, "C1", NINE.plusSeconds(5));
    limits.pause(Method.UPDATE, "C1", until);

    assertThat(limits.earliest(Method.POST, "C1", NINE)).isEqualTo(until);
    assertThat(limits.earliest(Method.POST, "C2", NINE)).isEqualTo(NINE);
    assertThat(limits.earliest(Method.UPDATE, "C2", NINE)).isEqualTo(until);
    assertThat(limits.earliest(Method.POST, "C1", until)).isEqualTo(until);
  }
}
