package dev.vestibule.ingress.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.vestibule.config.ConfigException;
import dev.vestibule.config.SpoolConfig;
import dev.vestibule.contract.Headers;
import dev.vestibule.ingress.publish.PublishException;
import dev.vestibule.ingress.publish.PublishException.Reason;
import dev.vestibule.ingress.publish.RawRecord;
import dev.vestibule.ingress.publish.Receipt;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The answer table: Kafka, then the spool, then a refusal. */
class SpoolingPublisherTest {
  private static final String SPOOLED = "lobby";
  private static final String STRICT = "gate";
  private static final Duration ACK_TIMEOUT = Duration.ofMillis(100);

  @TempDir private Path folder;

  private final FakeKafka kafka = new FakeKafka();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
  private final List<SpoolingPublisher> started = new ArrayList<>();

  @AfterEach
  void close() {
    started.forEach(SpoolingPublisher::close);
  }

  @Test
  void whatKafkaAcknowledgesIsNotSpooled() throws Exception {
    Receipt receipt = answer(start().publish(record(SPOOLED, "a", 1)));

    assertThat(receipt).hasToString("visitor.raw.envoy-0@0");
    assertThat(count("spooled")).isZero();
    assertThat(folder.resolve(SPOOLED)).isEmptyDirectory();
  }

  @Test
  void whatKafkaRefusesIsSpooledForSourcesThatSpoolAndRefusedForOthers() throws Exception {
    kafka.failWith(Reason.TIMEOUT);
    SpoolingPublisher publisher = start();

    assertThat(answer(publisher.publish(record(SPOOLED, "a", 1)))).hasToString("spool-lobby@1");
    assertThat(answer(publisher.publish(record(SPOOLED, "a", 2)))).hasToString("spool-lobby@2");
    assertThat(refusal(publisher.publish(record(STRICT, "a", 3)))).isEqualTo(Reason.TIMEOUT);
  }

  @Test
  void everySpoolSaysWhichNumbersItHolds() throws Exception {
    kafka.goAway();
    SpoolingPublisher publisher = start();
    answer(publisher.publish(record(SPOOLED, "a", 1)));
    answer(publisher.publish(record(SPOOLED, "a", 2)));

    assertThat(publisher.spools())
        .containsExactly(new SpoolStatus(SPOOLED, 0, 2, Instant.EPOCH))
        .allSatisfy(spool ->
            assertThat(LongStream.rangeClosed(0, 3).filter(spool::holds)).containsExactly(1L, 2L));

    kafka.comeBack();
    await()
        .untilAsserted(() ->
            assertThat(publisher.spools())
                .containsExactly(new SpoolStatus(SPOOLED, 2, 2, Instant.EPOCH)));
    started.remove(publisher);
    publisher.close();
    assertThat(start().spools()).as("after a restart").extracting(SpoolStatus::last).contains(2L);
  }

  @Test
  void whatKafkaDoesNotAcknowledgeInTimeIsSpooled() throws Exception {
    kafka.fallSilent();

    assertThat(answer(start().publish(record(SPOOLED, "a", 1)))).hasToString("spool-lobby@1");
  }

  @Test
  void aTopicThatGrowsSendsItsSourcesToTheSpool() throws Exception {
    kafka.failWith(Reason.PAUSED);
    SpoolingPublisher publisher = start();

    assertThat(answer(publisher.publish(record(SPOOLED, "a", 1)))).hasToString("spool-lobby@1");
    assertThat(refusal(publisher.publish(record(STRICT, "a", 2)))).isEqualTo(Reason.PAUSED);
  }

  @Test
  void whatNoRetryCanHelpIsNotSpooled() {
    kafka.failWith(Reason.TOO_LARGE);

    assertThat(refusal(start().publish(record(SPOOLED, "a", 1)))).isEqualTo(Reason.TOO_LARGE);
    assertThat(count("spooled")).isZero();
  }

  @Test
  void aRecordForKafkaAloneIsNeverSpooled() throws Exception {
    kafka.goAway();
    SpoolingPublisher publisher = start();
    answer(publisher.publish(record(SPOOLED, "a", 1)));

    assertThat(refusal(publisher.publishToKafka(record(SPOOLED, "b", 2))))
        .isEqualTo(Reason.TIMEOUT);
    assertThat(count("spooled")).isOne();
  }

  @Test
  void spooledRecordsArriveInOrderWithKeyAndHeaders() throws Exception {
    kafka.goAway();
    SpoolingPublisher publisher = start();
    List<RawRecord> sent =
        IntStream.range(0, 600).mapToObj(i -> record(SPOOLED, "v" + i % 7, i)).toList();
    for (RawRecord record : sent) {
      assertThat(answer(publisher.publish(record)))
          .isEqualTo(new Receipt.InSpool(SPOOLED, id(record) + 1));
    }

    kafka.comeBack();

    await().untilAsserted(() -> assertThat(kafka.records()).hasSize(600));
    for (int visit = 0; visit < 7; visit++) {
      String key = "v" + visit;
      assertThat(ids(kafka.records().stream().filter(r -> r.key().equals(key)).toList()))
          .isEqualTo(ids(sent.stream().filter(r -> r.key().equals(key)).toList()));
    }
    RawRecord last = kafka.records().getLast();
    assertThat(last.headers())
        .containsAllEntriesOf(record(SPOOLED, last.key(), id(last)).headers())
        .containsEntry(Headers.SPOOL_RECEIPT, "spool-lobby@" + (id(last) + 1))
        .hasSize(3);
    assertThat(last.topic()).isEqualTo("visitor.raw.envoy");
    await().untilAsserted(() -> assertThat(gauge("records")).isZero());
    assertThat(count("spooled")).isEqualTo(600);
    assertThat(count("drained")).isEqualTo(600);
    await()
        .untilAsserted(() ->
            assertThat(answer(publisher.publish(record(SPOOLED, "a", 9_999))))
                .isInstanceOf(Receipt.InKafka.class));
  }

  @Test
  void visitsThatSayMuchAtOnceDoNotMakeTheOthersWait() throws Exception {
    kafka.goAway();
    try (SpoolingPublisher before = start()) {
      for (int id = 0; id < 6; id++) {
        answer(before.publish(record(SPOOLED, "v" + id / 3, id)));
      }
    }

    kafka.comeBack();
    start();

    // One round trip for each record of the longest visit, and not for each record.
    await().untilAsserted(() -> assertThat(ids(kafka.records())).containsExactly(0, 3, 1, 4, 2, 5));
  }

  @Test
  void whileTheSpoolHoldsAnythingNewRecordsDoNotOvertakeIt() throws Exception {
    kafka.failWith(Reason.TIMEOUT);
    SpoolingPublisher publisher = start();
    answer(publisher.publish(record(SPOOLED, "a", 1)));

    // Reachable by its own account, and still nothing may go straight.
    assertThat(kafka.reachable()).isTrue();
    answer(publisher.publish(record(SPOOLED, "a", 2)));
    kafka.comeBack();
    answer(publisher.publish(record(SPOOLED, "a", 3)));

    await().untilAsserted(() -> assertThat(ids(kafka.records())).containsExactly(1, 2, 3));
  }

  @Test
  void aSteadyFlowDoesNotKeepTheSpoolFromRunningEmpty() throws Exception {
    kafka.goAway();
    SpoolingPublisher publisher = start();
    int id = 0;
    answer(publisher.publish(record(SPOOLED, "v0", id++)));
    kafka.comeBack();
    kafka.delay(Duration.ofMillis(5));

    List<CompletableFuture<Receipt>> receipts = new ArrayList<>();
    List<Receipt> answers = new ArrayList<>();
    while (answers.stream().noneMatch(Receipt.InKafka.class::isInstance)) {
      assertThat(id).as("records until the spool ran empty").isLessThan(100_000);
      // Always several under way: at no moment is nothing to be drained.
      while (receipts.size() < 20) {
        receipts.add(publisher.publish(record(SPOOLED, "v" + id % 50, id++)));
      }
      answers.add(answer(receipts.removeFirst()));
    }

    for (CompletableFuture<Receipt> rest : receipts) {
      answer(rest);
    }
    int sent = id;
    await().untilAsserted(() -> assertThat(Set.copyOf(ids(kafka.records()))).hasSize(sent));
    for (int visit = 0; visit < 50; visit++) {
      String key = "v" + visit;
      assertThat(ids(kafka.records().stream().filter(r -> r.key().equals(key)).toList()))
          .isSorted();
    }
  }

  @Test
  void aFullSpoolRefusesAndTakesRecordsAgainOnceDrained() throws Exception {
    kafka.goAway();
    SpoolingPublisher publisher =
        start(new SpoolConfig(folder, 64 * 1024, Duration.ofDays(1), ACK_TIMEOUT));
    int taken = 0;
    CompletableFuture<Receipt> last = publisher.publish(record(SPOOLED, "a", taken));
    while (!refused(last)) {
      taken++;
      last = publisher.publish(record(SPOOLED, "a", taken));
    }

    assertThat(refusal(last)).isEqualTo(Reason.SPOOL_FULL);
    assertThat(publisher.reachable()).isFalse();
    assertThat(meters.get("vestibule.ingress.spool.refused").counter().getId().getTag("reason"))
        .isEqualTo("spool_full");
    kafka.comeBack();
    int accepted = taken;
    await().untilAsserted(() -> assertThat(kafka.records()).hasSize(accepted));
    await().until(() -> !refused(publisher.publish(record(SPOOLED, "a", 9_999))));
  }

  @Test
  void aSpoolWhoseOldestRecordIsTooOldRefuses() throws Exception {
    kafka.goAway();
    SpoolingPublisher publisher = start();
    answer(publisher.publish(record(SPOOLED, "a", 1)));
    now.set(Instant.EPOCH.plus(Duration.ofDays(3)).plusMillis(1));

    assertThat(refusal(publisher.publish(record(SPOOLED, "a", 2)))).isEqualTo(Reason.SPOOL_FULL);
    assertThat(gauge("oldest.age")).isEqualTo(3 * 86_400 + 0.001);
  }

  @Test
  void aNewProcessDrainsWhatAnOldOneLeft() throws Exception {
    kafka.goAway();
    SpoolingPublisher first = start();
    answer(first.publish(record(SPOOLED, "a", 1)));
    answer(first.publish(record(SPOOLED, "a", 2)));
    first.close();
    assertThat(kafka.closed()).isTrue();
    kafka.comeBack();

    start();

    await().untilAsserted(() -> assertThat(ids(kafka.records())).containsExactly(1, 2));
  }

  @Test
  void aSourceThatNoLongerSpoolsIsDrainedBeforeItIsServed() throws Exception {
    kafka.goAway();
    SpoolingPublisher first = start();
    answer(first.publish(record(SPOOLED, "a", 1)));
    first.close();

    SpoolingPublisher second = start(Set.of(), config());

    assertThat(second.reachable()).isFalse();
    assertThat(refusal(second.publish(record(SPOOLED, "a", 2)))).isEqualTo(Reason.SPOOL_DRAINING);
    kafka.comeBack();
    await().until(() -> !refused(second.publish(record(SPOOLED, "a", 3))));
    assertThat(ids(kafka.records()).getFirst()).isOne();
  }

  enum Trouble {
    FULL {
      @Override
      void begin(SimulatedFolder disk) {
        disk.roomFor(disk.bytes(), Integer.MAX_VALUE);
      }
    },
    NO_INODES {
      @Override
      void begin(SimulatedFolder disk) {
        disk.roomFor(Long.MAX_VALUE, 0);
      }
    },
    READ_ONLY {
      @Override
      void begin(SimulatedFolder disk) {
        disk.readOnly(true);
      }
    };

    abstract void begin(SimulatedFolder disk);
  }

  @ParameterizedTest
  @EnumSource
  void aDiskInTroubleRefusesAndIsUsedAgainWhenItIsOver(Trouble trouble) throws Exception {
    SimulatedFolder disk = new SimulatedFolder(new Random(1));
    SpoolingPublisher publisher =
        SpoolingPublisher.start(
            kafka, Set.of(SPOOLED), config(), folder, _ -> disk, meters, now::get);
    started.add(publisher);
    trouble.begin(disk);
    assertThat(answer(publisher.publish(record(SPOOLED, "a", 1))))
        .isInstanceOf(Receipt.InKafka.class);
    kafka.goAway();

    assertThat(refusal(publisher.publish(record(SPOOLED, "a", 2)))).isEqualTo(Reason.SPOOL_FAILED);

    assertThat(publisher.reachable()).isFalse();
    disk.kill();
    await().until(publisher::reachable);
    assertThat(answer(publisher.publish(record(SPOOLED, "a", 3)))).hasToString("spool-lobby@1");
    trouble.begin(disk);
    kafka.comeBack();
    await().untilAsserted(() -> assertThat(ids(kafka.records())).containsExactly(1, 3));
    await()
        .untilAsserted(() ->
            assertThat(answer(publisher.publish(record(SPOOLED, "b", 4))))
                .isInstanceOf(Receipt.InKafka.class));
  }

  @Test
  void withoutAFolderThereIsKafkaOrARefusalUntilThereIsOne() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "not a folder");
    kafka.goAway();
    SpoolingPublisher publisher =
        SpoolingPublisher.start(
            kafka, Set.of(SPOOLED), config(), file, meters, InstantSource.system());
    started.add(publisher);

    assertThat(publisher.reachable()).isFalse();
    assertThat(refusal(publisher.publish(record(SPOOLED, "a", 1)))).isEqualTo(Reason.TIMEOUT);
    kafka.comeBack();
    assertThat(answer(publisher.publish(record(SPOOLED, "a", 2))))
        .isInstanceOf(Receipt.InKafka.class);

    Files.delete(file);
    kafka.goAway();
    await().until(publisher::reachable);
    assertThat(answer(publisher.publish(record(SPOOLED, "a", 3)))).hasToString("spool-lobby@1");
  }

  @Test
  void whatASpoolHoldsThatCouldNotBeOpenedIsDrainedOnceItCan() throws Exception {
    kafka.goAway();
    SpoolingPublisher first = start();
    answer(first.publish(record(SPOOLED, "a", 1)));
    first.close();
    Path hidden = Files.move(folder.resolve(SPOOLED), folder.resolve(".hidden"));
    Files.writeString(folder.resolve(SPOOLED), "not a folder");

    SpoolingPublisher second = start();
    assertThat(second.reachable()).isFalse();
    assertThat(refusal(second.publish(record(SPOOLED, "a", 2)))).isEqualTo(Reason.TIMEOUT);
    Files.delete(folder.resolve(SPOOLED));
    Files.move(hidden, folder.resolve(SPOOLED));
    kafka.comeBack();

    await().untilAsserted(() -> assertThat(ids(kafka.records())).containsExactly(1));
  }

  @Test
  void twoProcessesMayNotShareAFolder() {
    start();

    assertThatThrownBy(this::start)
        .isInstanceOf(ConfigException.class)
        .hasMessage(
            "vestibule.spool.folder: is in use by another ingress; expected one of its own");
  }

  @Test
  void readyMeansThatASpoolTakesRecordsOrKafkaDoes() {
    SpoolingPublisher publisher = start();
    assertThat(publisher.reachable()).isTrue();

    kafka.goAway();
    assertThat(publisher.reachable()).isTrue();

    publisher.close();
    assertThat(publisher.reachable()).isFalse();
  }

  @Test
  void onlyItsOwnerMayReadASpool() throws Exception {
    kafka.goAway();
    answer(start().publish(record(SPOOLED, "a", 1)));

    Path spool = folder.resolve(SPOOLED);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(spool)))
        .isEqualTo("rwx------");
    try (Stream<Path> files = Files.list(spool)) {
      assertThat(files)
          .isNotEmpty()
          .allSatisfy(file ->
              assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                  .isEqualTo("rw-------"));
    }
  }

  private SpoolingPublisher start() {
    return start(config());
  }

  private SpoolingPublisher start(SpoolConfig config) {
    return start(Set.of(SPOOLED), config);
  }

  private SpoolingPublisher start(Set<String> sources, SpoolConfig config) {
    SpoolingPublisher publisher =
        SpoolingPublisher.start(kafka, sources, config, folder, meters, now::get);
    started.add(publisher);
    return publisher;
  }

  private SpoolConfig config() {
    return new SpoolConfig(folder, 1 << 30, Duration.ofDays(3), ACK_TIMEOUT);
  }

  private static RawRecord record(String source, String key, int id) {
    return new RawRecord(
        "visitor.raw.envoy",
        key,
        Map.of(Headers.SOURCE, source, Headers.REQUEST_ID, Integer.toString(id)),
        ("{\"id\":" + id + "}").getBytes(StandardCharsets.UTF_8));
  }

  private static int id(RawRecord record) {
    return Integer.parseInt(record.headers().getOrDefault(Headers.REQUEST_ID, ""));
  }

  private static List<Integer> ids(Collection<RawRecord> records) {
    return records.stream().map(SpoolingPublisherTest::id).toList();
  }

  private static Receipt answer(CompletableFuture<Receipt> receipt)
      throws InterruptedException, ExecutionException, TimeoutException {
    return receipt.get(20, TimeUnit.SECONDS);
  }

  private static boolean refused(CompletableFuture<Receipt> receipt) throws Exception {
    try {
      answer(receipt);
      return false;
    } catch (ExecutionException e) {
      return true;
    }
  }

  private static Reason refusal(CompletableFuture<Receipt> receipt) {
    try {
      throw new AssertionError("taken: " + answer(receipt));
    } catch (ExecutionException e) {
      return Objects.requireNonNull((PublishException) e.getCause()).reason();
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  private double count(String what) {
    return meters.get("vestibule.ingress.spool." + what).tag("source", SPOOLED).counter().count();
  }

  private double gauge(String what) {
    return meters.get("vestibule.ingress.spool." + what).tag("source", SPOOLED).gauge().value();
  }
}
