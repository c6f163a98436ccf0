package dev.vestibule.ingress.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.vestibule.ingress.publish.PublishException;
import dev.vestibule.ingress.publish.PublishException.Reason;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
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
    var _ = spool.append(new byte[10]);
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
    var _ = spool.append(new byte[10]);
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
  void aDiskTooFullToMarkWhatIsDrainedMakesRoomByItself() throws IOException {
    Spool spool = open(4096);
    disk.roomFor(20_000, Integer.MAX_VALUE);
    int taken = 0;
    CompletableFuture<Long> last = append(spool);
    while (!last.isCompletedExceptionally()) {
      taken++;
      last = append(spool);
    }
    disk.roomFor(disk.bytes(), Integer.MAX_VALUE);
    int read = 0;
    while (read < taken) {
      read += spool.read(taken).frames().size();
    }

    spool.drained(taken);

    assertThat(taken).isGreaterThan(10);
    assertThat(spool.isEmpty()).isTrue();
    assertThat(disk.names()).containsExactly("drained");
    assertThat(append(spool)).isCompletedWithValue(taken + 1L);
  }

  @Test
  void whatCannotBeRemovedStillCountsAndIsRemovedLater() throws IOException {
    Spool spool = open();
    assertThat(append(spool)).isDone();
    assertThat(spool.read(1).frames()).hasSize(1);
    disk.readOnly(true);
    assertThatThrownBy(() -> spool.drained(1)).isInstanceOf(IOException.class);
    assertThat(spool.bytes()).isPositive();
    disk.readOnly(false);

    spool.drained(1);

    assertThat(spool.bytes()).isZero();
    assertThat(disk.names()).containsExactly("drained");
  }

  @Test
  void aDiskWithoutInodesRefusesUntilItHasSome() throws IOException {
    Spool spool = open();
    disk.roomFor(Long.MAX_VALUE, 0);

    assertThat(reason(append(spool))).isEqualTo(Reason.SPOOL_FAILED);
    disk.roomFor(Long.MAX_VALUE, 1);
    assertThat(append(spool)).isCompletedWithValue(1L);
  }

  @Test
  void aDiskThatIsBackIsNoticedWhileNobodyAsks() throws Exception {
    Spool spool = open();
    disk.readOnly(true);
    Thread writing = Thread.ofPlatform().daemon().start(spool::run);
    assertThat(reason(spool.append(new byte[10]))).isEqualTo(Reason.SPOOL_FAILED);
    assertThat(spool.accepts()).isFalse();

    disk.readOnly(false);

    await().until(spool::accepts);
    spool.close();
    writing.join();
  }

  @Test
  void whatNoFrameCanHoldIsRefused() throws IOException {
    Spool spool = open();

    assertThat(reason(spool.append(new byte[Frame.MAX_PAYLOAD + 1]))).isEqualTo(Reason.TOO_LARGE);
    CompletableFuture<Long> largest = spool.append(new byte[Frame.MAX_PAYLOAD]);
    spool.commit();
    assertThat(largest).isCompletedWithValue(1L);
    assertThat(spool.read(1).frames().getFirst().payload()).hasSize(Frame.MAX_PAYLOAD);
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

  private static CompletableFuture<Long> append(Spool spool) {
    CompletableFuture<Long> number = spool.append(new byte[868]);
    spool.commit();
    return number;
  }

  private Spool open() throws IOException {
    return open(1 << 20);
  }

  private Spool open(int segmentBytes) throws IOException {
    return new Spool(
        "lobby",
        SegmentLog.open("lobby", disk, segmentBytes),
        1 << 30,
        Duration.ofDays(1),
        InstantSource.fixed(Instant.EPOCH),
        new SpoolMetrics(new SimpleMeterRegistry(), "lobby"));
  }

  private static Reason reason(CompletableFuture<Long> refused) {
    try {
      throw new AssertionError("taken: " + refused.get());
    } catch (ExecutionException e) {
      return Objects.requireNonNull((PublishException) e.getCause()).reason();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
