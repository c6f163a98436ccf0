package dev.vestibule.ingress.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vestibule.ingress.publish.PublishException;
import dev.vestibule.ingress.publish.PublishException.Reason;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Groups, bounds and failing disks. */
class SpoolTest {
  private final SimulatedFolder disk = new SimulatedFolder(new Random(1));

  @Test
  void oneForceServesAllWhoWait() throws IOException {
    Spool spool = open();
    List<CompletableFuture<Long>> numbers =
        IntStream.range(0, 100).mapToObj(_ -> spool.append(new byte[868])).toList();
    assertThat(numbers).noneMatch(CompletableFuture::isDone);

    spool.commit();

    assertThat(numbers.stream().map(CompletableFuture::join))
        .isEqualTo(IntStream.rangeClosed(1, 100).mapToObj(Long::valueOf).toList());
    assertThat(disk.forces()).isOne();
  }

  @Test
  void aDiskThatIsFullRefusesUntilItHasRoomAgain() throws IOException {
    Spool spool = open();
    spool.append(new byte[10]);
    spool.commit();
    disk.failNext(1);
    CompletableFuture<Long> refused = spool.append(new byte[20]);

    spool.commit();

    assertThat(reason(refused)).isEqualTo(Reason.SPOOL_FAILED);
    assertThat(spool.accepts()).isFalse();
    CompletableFuture<Long> taken = spool.append(new byte[30]);
    spool.commit();
    assertThat(taken).isCompletedWithValue(2L);
    assertThat(spool.accepts()).isTrue();
    assertThat(spool.read(10).frames())
        .singleElement()
        .satisfies(frame -> assertThat(frame.payload()).hasSize(10));
    assertThat(spool.read(10).frames())
        .singleElement()
        .satisfies(frame -> assertThat(frame.payload()).hasSize(30));
  }

  @Test
  void aReadOnlyDiskKeepsWhatItHas() throws IOException {
    Spool spool = open();
    spool.append(new byte[10]);
    spool.commit();
    disk.readOnly(true);
    CompletableFuture<Long> refused = spool.append(new byte[20]);

    spool.commit();

    assertThat(reason(refused)).isEqualTo(Reason.SPOOL_FAILED);
    assertThat(spool.read(10).frames()).hasSize(1);
    assertThatThrownBy(() -> spool.drained(1)).hasMessage("Read-only file system");
    assertThat(spool.isEmpty()).as("published, if not marked").isTrue();
  }

  @Test
  void aDiskThatHangsDoesNotFillTheMemory() throws IOException {
    Spool spool = open();
    CompletableFuture<Long> last = spool.append(new byte[1 << 20]);
    int waiting = 0;
    while (!last.isDone()) {
      waiting++;
      last = spool.append(new byte[1 << 20]);
    }

    assertThat(reason(last)).isEqualTo(Reason.SPOOL_FULL);
    assertThat(waiting).isEqualTo(31);
  }

  @Test
  void closingRefusesNewRecordsAndCommitsThoseThatWait() throws IOException {
    Spool spool = open();
    CompletableFuture<Long> waiting = spool.append(new byte[10]);

    spool.close();
    spool.run();

    assertThat(waiting).isCompletedWithValue(1L);
    assertThat(reason(spool.append(new byte[10]))).isEqualTo(Reason.CLOSED);
  }

  private Spool open() throws IOException {
    return new Spool(
        "lobby",
        SegmentLog.open("lobby", disk, 1 << 20),
        1 << 30,
        Duration.ofDays(1),
        InstantSource.fixed(Instant.EPOCH),
        new SpoolMetrics(new SimpleMeterRegistry(), "lobby"));
  }

  private static Reason reason(CompletableFuture<Long> refused) {
    try {
      throw new AssertionError("taken: " + refused.get());
    } catch (ExecutionException e) {
      return ((PublishException) e.getCause()).reason();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
