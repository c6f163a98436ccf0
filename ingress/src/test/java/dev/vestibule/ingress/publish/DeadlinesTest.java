package dev.vestibule.ingress.publish;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeadlinesTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @ParameterizedTest
  @ValueSource(longs = {-5, 0, 1, 30_000_000})
  void whatIsNotDoneInTimeFails(long nanos) {
    CompletableFuture<String> never = new CompletableFuture<>();

    assertThat(Deadlines.end(never, nanos))
        .isSameAs(never)
        .failsWithin(PATIENCE)
        .withThrowableThat()
        .withCauseInstanceOf(TimeoutException.class);
  }

  @Test
  void earlierDeadlineStrikesFirst() {
    CompletableFuture<String> late = Deadlines.end(new CompletableFuture<>(), Long.MAX_VALUE / 2);
    CompletableFuture<String> early = Deadlines.end(new CompletableFuture<>(), 1_000_000);

    assertThat(early).failsWithin(PATIENCE);
    assertThat(late).isNotDone();
    late.complete("in time");
    assertThat(late).isCompletedWithValue("in time");
  }

  @Test
  void whatIsDoneStaysAsItIs() {
    assertThat(Deadlines.end(CompletableFuture.completedFuture("done"), 0))
        .isCompletedWithValue("done");
  }
}
