package dev.vestibule.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.vestibule.contract.Vendor;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * The ingress and its broker in processes of their own that are killed with no warning, while
 * visitors come to several doors.
 */
class SpoolTest {
  private static final int DOORS = 4;

  /** With the logs of both processes. */
  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  private IngressRig rig;

  @BeforeEach
  void configure() throws IOException {
    rig = new IngressRig(folder);
  }

  @AfterEach
  void stop() throws IOException {
    rig.close();
  }

  @Test
  void whileTheBrokerIsDeadVisitorsAreSpooledAndThenPublishedInOrder() throws Exception {
    // Given
    rig.startBroker();
    rig.ingress.start();
    rig.awaitServedByKafka();
    rig.doors.open(DOORS);
    await().atMost(IngressRig.PATIENCE).until(() -> rig.doors.straight() > 0);

    // When
    rig.broker.kill();

    // Then
    await().atMost(IngressRig.PATIENCE).until(() -> rig.doors.spooled() > 200);
    assertThat(rig.strict.knock().status()).isEqualTo(503);
    rig.startBroker();
    long before = rig.doors.straight();
    await().atMost(IngressRig.PATIENCE).until(() -> rig.doors.straight() > before + 20);
    rig.doors.close();
    assertThat(rig.doors.refused()).isEmpty();
    awaitNothingLostAndInOrder();
  }

  @Test
  void whatAKilledIngressHasSpooledIsPublishedByItsSuccessor() throws Exception {
    // Given no broker at all, and an ingress that dies with a full hand
    rig.ingress.start();
    rig.doors.open(DOORS);
    await().atMost(IngressRig.PATIENCE).until(() -> rig.doors.spooled() > 200);
    rig.ingress.kill();

    // When its successor starts without a broker, too, and dies in the midst of draining
    long before = rig.doors.spooled();
    rig.ingress.start();
    await().atMost(IngressRig.PATIENCE).until(() -> rig.doors.spooled() > before + 200);
    rig.startBroker();
    await()
        .atMost(IngressRig.PATIENCE)
        .until(() -> !rig.records(Vendor.ENVOY.rawTopic()).isEmpty());
    rig.ingress.kill();
    rig.ingress.start();

    // Then
    await().atMost(IngressRig.PATIENCE).until(() -> rig.doors.straight() > 20);
    rig.doors.close();
    assertThat(rig.doors.refused()).isEmpty();
    awaitNothingLostAndInOrder();
  }

  private void awaitNothingLostAndInOrder() {
    await()
        .atMost(IngressRig.PATIENCE)
        .untilAsserted(
            () -> rig.doors.assertNothingLostAndInOrder(rig.records(Vendor.ENVOY.rawTopic())));
  }
}
