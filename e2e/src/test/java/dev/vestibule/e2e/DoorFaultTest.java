package dev.vestibule.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.vestibule.benchmarks.Ports;
import dev.vestibule.benchmarks.chaos.ChildProcess;
import dev.vestibule.contract.Topics;
import dev.vestibule.events.Decision;
import dev.vestibule.serde.AvroDeserializer;
import dev.vestibule.serde.HttpSchemaRegistry;
import dev.vestibule.standalone.registry.EmbeddedRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Visitors at a door while Kafka or the disk is in trouble, and while one ingress follows another:
 * nobody waits for an answer in vain, nobody is let in without a record of it, and an answer that
 * was given stands.
 */
class DoorFaultTest {
  private static final String DOOR = "door-envoy";
  private static final String SCREENS =
      DOOR
          + ": { vendor: envoy, secrets: [\"door-secret\"], screen: { default-outcome: approve } }";

  /** With the logs of all processes. */
  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  private IngressRig rig;
  private Visitors visitors;

  @BeforeEach
  void configure() throws IOException {
    rig = new IngressRig(folder, List.of(), SCREENS);
    visitors = new Visitors(rig.port(), rig.source(DOOR));
  }

  @AfterEach
  void stop() throws IOException {
    visitors.close();
    rig.close();
  }

  @Test
  void whileKafkaIsFrozenOrDeadNobodyIsLetInAndEveryReviewIsWrittenDownAfterwards()
      throws Exception {
    rig.startBroker();
    try (EmbeddedRegistry registry = startRegistry()) {
      rig.ingress.start();
      awaitApproval(visitors);
      visitors.come(4);

      rig.broker.freeze();
      awaitReviewsAlone();
      rig.broker.thaw();
      awaitApprovals();

      rig.broker.kill();
      awaitReviewsAlone();
      rig.startBroker();
      awaitApprovals();

      visitors.close();
      visitors.assertAnswered();
      awaitRecords(registry);
    }
  }

  @Test
  void anIngressThatHasNeitherKafkaNorADiskLetsNobodyInAndIsNotReadyBeforeItKnows()
      throws Exception {
    Path spool = folder.resolve("data/ingress/spool");
    Files.createDirectories(Objects.requireNonNull(spool.getParent()));
    Files.createFile(spool);
    rig.ingress.start();
    await()
        .atMost(IngressRig.PATIENCE)
        .ignoreExceptions()
        .until(() -> visitors.ask("first").status() == 412);
    visitors.come(4);
    await().atMost(IngressRig.PATIENCE).until(() -> visitors.asked().size() > 20);
    assertThat(visitors.asked()).noneMatch(Visitors.Asked::approved);
    assertThat(rig.ready()).isFalse();

    rig.startBroker();
    try (EmbeddedRegistry registry = startRegistry()) {
      awaitApprovals();
      assertThat(rig.ready()).isTrue();

      visitors.close();
      visitors.assertAnswered();
      awaitRecords(registry);
    }
  }

  @Test
  void anAnswerStandsAtASecondIngressAndAtASuccessor() throws Exception {
    rig.startBroker();
    Path policy = policy();
    int port = Ports.free();
    try (EmbeddedRegistry registry = startRegistry();
        ChildProcess second = second(port);
        Visitors elsewhere = new Visitors(port, rig.source(DOOR))) {
      rig.ingress.start();
      awaitApproval(visitors);
      assertThat(visitors.ask("early").status()).isEqualTo(200);
      vestibule("publish", policy.toString());
      awaitReview(visitors);
      assertThat(visitors.ask("late").status()).isEqualTo(412);

      second.start();
      awaitReview(elsewhere);
      await()
          .atMost(IngressRig.PATIENCE)
          .untilAsserted(() -> assertThat(elsewhere.ask("early").status()).isEqualTo(200));
      assertThat(elsewhere.ask("late").status()).isEqualTo(412);
      vestibule("disable", "nobody");
      awaitApproval(elsewhere);
      assertThat(elsewhere.ask("late").status()).as("a review is not taken back").isEqualTo(412);

      rig.ingress.kill();
      rig.ingress.start();
      awaitApproval(visitors);
      assertThat(visitors.ask("late").status()).as("nor by a successor").isEqualTo(412);
      assertThat(registry.url()).isNotEmpty();
    }
  }

  private EmbeddedRegistry startRegistry() {
    return EmbeddedRegistry.start(
        Map.of("bootstrap.servers", rig.kafka()), "127.0.0.1", rig.registryPort());
  }

  /** Another ingress of the installation, on a port and with a folder of its own. */
  private ChildProcess second(int port) throws IOException {
    Path file = folder.resolve("second.yml");
    Files.writeString(
        file, Files.readString(rig.file()).replace("port: " + rig.port(), "port: " + port));
    return new ChildProcess(
        "second",
        folder,
        "128m",
        List.of(
            "ingress",
            "--config",
            file.toString(),
            "--data-dir",
            folder.resolve("second").toString(),
            "--admin-port",
            "0"));
  }

  private Path policy() throws IOException {
    return Files.writeString(
        folder.resolve("nobody.yml"),
        """
        id: nobody
        version: 1
        order: 1
        when: has(visitor.name)
        outcome: REVIEW
        message: not today
        examples:
          - { name: named, input: { visitor: { name: Jo Doe } }, matches: true }
          - { name: nameless, input: {}, matches: false }
        """);
  }

  private void vestibule(String command, String argument) throws Exception {
    Command.run(folder, "policies", command, argument, "--config", rig.file().toString());
  }

  /** Returns when a new visitor is let in. */
  private static void awaitApproval(Visitors visitors) {
    await()
        .atMost(IngressRig.PATIENCE)
        .ignoreExceptions()
        .until(() -> visitors.ask("a" + System.nanoTime()).approved());
  }

  /** Returns when the policy counts for a new visitor. */
  private static void awaitReview(Visitors visitors) {
    await()
        .atMost(IngressRig.PATIENCE)
        .ignoreExceptions()
        .until(() ->
            visitors
                .ask("r" + System.nanoTime())
                .body()
                .equals("{\"message\":\"Vestibule: not today\"}"));
  }

  private void awaitReviewsAlone() {
    long trouble = System.nanoTime();
    await().atMost(IngressRig.PATIENCE).until(() -> visitors.reviewedSince(trouble) > 12);
    assertThat(visitors.approvedSince(trouble)).isZero();
  }

  private void awaitApprovals() {
    long better = System.nanoTime();
    await().atMost(IngressRig.PATIENCE).until(() -> visitors.approvedSince(better) > 20);
  }

  private void awaitRecords(EmbeddedRegistry registry) {
    AvroDeserializer<Decision> reader =
        new AvroDeserializer<>(Decision.class, new HttpSchemaRegistry(registry.url(), null));
    await()
        .atMost(IngressRig.PATIENCE)
        .untilAsserted(() ->
            visitors.assertRecorded(
                rig.identity(),
                rig.records(Topics.DECISIONS).stream()
                    .map(record -> reader.deserialize(record.topic(), record.value()))
                    .toList()));
  }
}
