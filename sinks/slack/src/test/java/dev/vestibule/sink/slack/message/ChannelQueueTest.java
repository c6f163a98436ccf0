package dev.vestibule.sink.slack.message;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.sink.slack.card.Digest;
import dev.vestibule.sink.slack.card.Phase;
import java.time.Instant;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ChannelQueueTest {
  private static final Instant NINE = Instant.parse("2026-01-15T09:00:00Z");
  private final ChannelQueue queue = new ChannelQueue(30);

  private Digest digest() {
    return Objects.requireNonNull(queue.digest());
  }

  @Test
  void fireDrillOfTwoThousandEndsInADigest() {
    Set<String> told = new HashSet<>();
    Set<String> own = new HashSet<>();
    for (int i = 0; i < 2000; i++) {
      Instant now = NINE.plusMillis(30L * i);
      told.addAll(queue.offer("v" + i, Phase.SIGNED_OUT, false, now));
      if (i % 33 == 0) {
        String next = queue.first(_ -> true);
        if (next != null) {
          queue.take(next);
          own.add(next);
        }
      }
    }

    assertThat(own.size() + told.size()).isEqualTo(2000);
    assertThat(own).hasSizeLessThan(3).doesNotContainAnyElementsOf(told);
    assertThat(digest().counts()).containsEntry(Phase.SIGNED_OUT, told.size());
    assertThat(queue.size()).isZero();
  }

  @Test
  void messagesThatAreThereAreCorrectedBehindTheDigest() {
    for (int i = 0; i < 2000; i++) {
      assertThat(queue.offer("v" + i, Phase.SIGNED_OUT, true, NINE)).isEmpty();
    }

    assertThat(digest().visits()).isEqualTo(2000);
    assertThat(queue.size()).isEqualTo(2000);
  }

  @Test
  void whatSomebodyHasToLookAtGoesFirstAndIsNeverANumber() {
    for (int i = 0; i < 100; i++) {
      queue.offer("v" + i, Phase.SIGNED_OUT, true, NINE);
    }
    assertThat(queue.offer("v5", Phase.WATCHLIST_HIT, true, NINE)).isEmpty();
    queue.offer("v5", Phase.SIGNED_OUT, true, NINE);

    assertThat(queue.first(_ -> true)).isEqualTo("v5");
    assertThat(digest().visits()).isEqualTo(100);
  }

  @Test
  void aVisitIsCountedOnceWhereItCameToStandLast() {
    for (int i = 0; i < 31; i++) {
      queue.offer("v" + i, Phase.SIGNED_IN, false, NINE);
    }
    queue.offer("v1", Phase.SIGNED_OUT, false, NINE.plusSeconds(5));

    assertThat(digest().counts()).containsEntry(Phase.SIGNED_IN, 30);
    assertThat(digest().counts()).containsEntry(Phase.SIGNED_OUT, 1);
    assertThat(digest().to()).isEqualTo(NINE.plusSeconds(5));
  }

  @Test
  void aVisitWaitsOnceAndInItsPlace() {
    queue.offer("a", Phase.SIGNED_IN, false, NINE);
    queue.offer("b", Phase.SIGNED_IN, false, NINE);
    queue.offer("a", Phase.SIGNED_OUT, false, NINE);

    assertThat(queue.size()).isEqualTo(2);
    assertThat(queue.first(_ -> true)).isEqualTo("a");
    assertThat(queue.digest()).isNull();
  }

  @Test
  void afterAQuietMinuteVisitsAreToldOneByOneAgain() {
    for (int i = 0; i < 31; i++) {
      queue.offer("v" + i, Phase.SIGNED_IN, false, NINE);
    }
    Instant later = NINE.plus(ChannelQueue.QUIET).plusMillis(1);

    assertThat(queue.offer("w", Phase.SIGNED_IN, false, later)).isEmpty();
    assertThat(queue.digest()).isNull();
    assertThat(queue.first(_ -> true)).isEqualTo("w");
  }
}
