package dev.vestibule.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.vestibule.contract.Vendor;
import dev.vestibule.standalone.simulator.Answer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * The spool's disk in trouble while there is no broker. On a small file system of its own where the
 * machine allows to mount one, and says so where it does not: then the spool's folder is taken away
 * and given back.
 */
class DiskFaultTest {
  private static final int DOORS = 4;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  @Test
  void aSpoolOnADiskThatIsReadOnlyThenFullThenOutOfInodesRefusesAndRecoversEachTime()
      throws Exception {
    Path spool = Files.createDirectories(folder.resolve("data/ingress/spool"));
    boolean real = SmallDisk.allowed(spool);
    System.out.println(
        "disk faults: " + (real ? "on a small file system" : "no file system can be mounted here"));
    if (real) {
      onASmallDisk(new SmallDisk(spool));
    } else {
      onAFolderThatGoesAway(spool);
    }
  }

  private void onASmallDisk(SmallDisk disk) throws Exception {
    try (IngressRig rig = new IngressRig(folder, disk.launcher())) {
      rig.ingress.start();
      long pid = rig.ingress.pid();

      // Read-only
      awaitRefused(rig);
      disk.makeWritable(pid);
      awaitSpooled(rig);

      // Full
      disk.fill(pid);
      awaitRefused(rig);
      disk.takeInodes(pid);
      disk.empty(pid);

      // Out of inodes: the segment that failed is not written again
      awaitRefused(rig);
      disk.giveInodesBack(pid);
      awaitSpooled(rig);

      awaitDrained(rig);
    }
  }

  private void onAFolderThatGoesAway(Path spool) throws Exception {
    Files.delete(spool);
    Files.createFile(spool);
    try (IngressRig rig = new IngressRig(folder)) {
      rig.ingress.start();
      awaitRefused(rig);
      Files.delete(spool);
      awaitSpooled(rig);
      awaitDrained(rig);
    }
  }

  private static void awaitRefused(IngressRig rig) {
    await()
        .atMost(IngressRig.PATIENCE)
        .ignoreExceptions()
        .untilAsserted(() -> assertThat(rig.doors.knock().status()).isEqualTo(503));
    await().atMost(IngressRig.PATIENCE).until(() -> !rig.ready());
  }

  private static void awaitSpooled(IngressRig rig) {
    await().atMost(IngressRig.PATIENCE).until(rig::ready);
    await()
        .atMost(IngressRig.PATIENCE)
        .untilAsserted(() -> {
          Answer answer = rig.doors.knock();
          assertThat(answer.status()).isEqualTo(200);
          assertThat(answer.receipt()).startsWith("spool-");
        });
  }

  private static void awaitDrained(IngressRig rig) throws Exception {
    rig.doors.open(DOORS);
    await().atMost(IngressRig.PATIENCE).until(() -> rig.doors.spooled() > 200);
    rig.startBroker();
    await().atMost(IngressRig.PATIENCE).until(() -> rig.doors.straight() > 20);
    rig.doors.close();
    List<Duration> latencies = rig.doors.latencies();
    assertThat(latencies).allMatch(latency -> latency.compareTo(Duration.ofSeconds(5)) <= 0);
    await()
        .atMost(IngressRig.PATIENCE)
        .untilAsserted(
            () -> rig.doors.assertNothingLostAndInOrder(rig.records(Vendor.ENVOY.rawTopic())));
  }
}
