package dev.vestibule.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.vestibule.contract.Vendor;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A broker in trouble while visitors come to several doors: every answer is the one that was
 * promised, in time, and all that was accepted is published in order once the trouble is over.
 */
class FaultTest {
  private static final String TOPIC = Vendor.ENVOY.rawTopic();
  private static final Duration PROMISED = Duration.ofSeconds(5);

  /** With the logs of both processes. */
  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  private IngressRig rig;

  @BeforeEach
  void start() throws IOException {
    rig = new IngressRig(folder);
    rig.startBroker();
    rig.ingress.start();
    rig.awaitServedByKafka();
  }

  @AfterEach
  void stop() throws IOException {
    rig.close();
  }

  enum Trouble {
    FROZEN {
      @Override
      void begin(IngressRig rig) {
        rig.broker.freeze();
      }

      @Override
      void end(IngressRig rig) {
        rig.broker.thaw();
      }
    },
    SLOW_5_S {
      @Override
      void begin(IngressRig rig) {
        rig.line.delay(Duration.ofSeconds(5));
      }

      @Override
      void end(IngressRig rig) {
        rig.line.delay(Duration.ZERO);
      }
    },
    SLOW_40_S {
      @Override
      void begin(IngressRig rig) {
        rig.line.delay(Duration.ofSeconds(40));
      }

      @Override
      void end(IngressRig rig) {
        rig.line.delay(Duration.ZERO);
      }
    };

    abstract void begin(IngressRig rig);

    abstract void end(IngressRig rig);
  }

  @ParameterizedTest
  @EnumSource(Trouble.class)
  void whileKafkaIsTooSlowVisitorsAreSpooledOrRefusedInTimeAndThenPublishedInOrder(Trouble trouble)
      throws Exception {
    // Given
    openDoors();
    await().atMost(IngressRig.PATIENCE).until(() -> rig.doors.straight() > 20);

    // When
    trouble.begin(rig);

    // Then
    await().atMost(IngressRig.PATIENCE).until(() -> rig.doors.spooled() > 200);
    await().atMost(IngressRig.PATIENCE).until(() -> rig.strict.refused().size() > 4);
    assertThat(rig.ready()).isTrue();
    trouble.end(rig);
    awaitServedByKafkaAgain();
    assertPromisesKept();
    assertThat(rig.strict.refused()).containsOnly(503);
  }

  @Test
  void aSecondIsNotTooSlow() throws Exception {
    rig.line.delay(Duration.ofSeconds(1));
    openDoors();

    // Those that spool may do so meanwhile: a second is close to what Kafka may take.
    await().atMost(IngressRig.PATIENCE).until(() -> rig.strict.straight() > 10);
    rig.line.delay(Duration.ZERO);

    awaitServedByKafkaAgain();
    assertPromisesKept();
  }

  @Test
  void whileATopicIsGoneItsVisitorsAreSpooledAndThenPublishedInOrder() throws Exception {
    // Given
    try (Admin admin = rig.admin()) {
      admin.deleteTopics(Set.of(TOPIC)).all().get();
      await()
          .atMost(IngressRig.PATIENCE)
          .until(() -> !admin.listTopics().names().get().contains(TOPIC));
    }

    // When
    openDoors();

    // Then
    await().atMost(IngressRig.PATIENCE).until(() -> rig.doors.spooled() > 200);
    await().atMost(IngressRig.PATIENCE).until(() -> rig.strict.refused().size() > 4);
    rig.createTopics();
    awaitServedByKafkaAgain();
    assertPromisesKept();
    assertThat(rig.strict.refused()).containsOnly(503);
  }

  private void openDoors() {
    rig.doors.open(4);
    rig.strict.open(8);
  }

  private void awaitServedByKafkaAgain() {
    long doors = rig.doors.straight();
    long strict = rig.strict.straight();
    await().atMost(IngressRig.PATIENCE).until(() -> rig.doors.straight() > doors + 20);
    await().atMost(IngressRig.PATIENCE).until(() -> rig.strict.straight() > strict + 20);
  }

  private void assertPromisesKept() {
    rig.doors.close();
    rig.strict.close();
    assertThat(rig.doors.refused()).isEmpty();
    assertThat(rig.doors.latencies()).allMatch(latency -> latency.compareTo(PROMISED) <= 0);
    assertThat(rig.strict.latencies()).allMatch(latency -> latency.compareTo(PROMISED) <= 0);
    await()
        .atMost(IngressRig.PATIENCE)
        .untilAsserted(() -> {
          rig.doors.assertNothingLostAndInOrder(rig.records(TOPIC));
          rig.strict.assertNothingLostAndInOrder(rig.records(TOPIC));
        });
  }
}
