package dev.vestibule.sink.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PaceTest {
  @Test
  void noMoreCallsAreMadeAtATimeThanAllowedAlsoWhenATurnIsClosedTwice() throws Exception {
    Pace pace = new Pace("door", 10_000, 3);
    AtomicInteger calls = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    List<Future<?>> callers = new ArrayList<>();

    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int caller = 0; caller < 50; caller++) {
        callers.add(
            threads.submit(() -> {
              Pace.Turn turn = pace.turn();
              most.accumulateAndGet(calls.incrementAndGet(), Math::max);
              Thread.sleep(1);
              calls.decrementAndGet();
              turn.close();
              turn.close();
              return null;
            }));
      }
    }

    for (Future<?> caller : callers) {
      caller.get();
    }
    assertThat(most).hasValueBetween(1, 3);
  }

  @Test
  void callsAreSpreadOverTheSecond() throws InterruptedException {
    Pace pace = new Pace("door", 100, 4);

    long since = System.nanoTime();
    for (int call = 0; call < 21; call++) {
      pace.turn().close();
    }

    assertThat(Duration.ofNanos(System.nanoTime() - since))
        .isGreaterThanOrEqualTo(Duration.ofMillis(190));
  }

  @Test
  void whoIsInterruptedWhileItWaitsGivesItsPlaceBack() throws InterruptedException {
    // Given
    Pace pace = new Pace("door", 4, 1);
    pace.turn().close();
    Thread waiting =
        Thread.ofPlatform()
            .start(() -> {
              try {
                pace.turn();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    while (waiting.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }

    // When
    waiting.interrupt();
    waiting.join();

    // Then
    Thread next = Thread.ofVirtual().start(() -> take(pace));
    await().atMost(Duration.ofSeconds(30)).until(() -> !next.isAlive());
  }

  private static void take(Pace pace) {
    try (Pace.Turn _ = pace.turn()) {
      // It is free.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aPaceOfNothingIsRefusedByName() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Pace("door", 0, 4))
        .withMessage("door: 0 calls a second, 4 at a time; expected at least 1 of each");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Pace("door", 5, 0))
        .withMessage("door: 5 calls a second, 0 at a time; expected at least 1 of each");
  }
}
