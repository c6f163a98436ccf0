package dev.vestibule.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.vestibule.benchmarks.UpProcess;
import dev.vestibule.config.Secret;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.Topics;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Topics of every sort grow while a vendor sends, repeats and retries, and while somebody reads;
 * the command is killed in the middle, and so is {@code up}.
 */
class GrowthTest {
  private static final String RAW = "visitor.raw.kyberaccess";
  private static final Secret SECRET = new Secret("growth-test-secret");
  private static final int PARTITIONS = 12;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path folder;

  @Test
  void nothingIsLostOrDoubledOrOutOfOrderWhenTopicsGrowUnderLoad() throws Exception {
    long seed = Long.getLong("vestibule.growth.seed", System.nanoTime());
    System.out.println("growth test: seed " + seed);
    Random random = new Random(seed);
    Path data = Files.createDirectories(folder.resolve("data"));
    Path config = folder.resolve("vestibule.yml");
    Files.writeString(
        config,
        """
        vestibule:
          sources:
            hq: { vendor: kyberaccess, secrets: ["growth-test-secret"] }
        """);

    UpProcess up = UpProcess.start(data, config);
    try (Traffic traffic = new Traffic(SECRET, new Random(seed + 1));
        SlowReader reader = new SlowReader(Topics.EVENTS, new Random(seed + 2))) {
      traffic.sendTo(up.ingress());
      reader.readFrom(up.kafka());
      more(traffic, 600);

      // When a raw topic grows
      grow(data, RAW);
      assertThat(partitions(up, RAW)).isEqualTo(PARTITIONS);
      more(traffic, 100);

      // And the normalized topic, with the command killed at some line of what it prints,
      // and now and then everything else too
      int line = 1 + random.nextInt(7);
      boolean alsoUp = random.nextBoolean();
      System.out.println("growth test: killed at line " + line + ", up too: " + alsoUp);
      growUntil(line, data, Topics.NORMALIZED);
      if (alsoUp) {
        up.kill();
        up = UpProcess.start(data, config);
        traffic.sendTo(up.ingress());
        reader.readFrom(up.kafka());
      }
      if (!hasTakenOver(up)) {
        grow(data, Topics.NORMALIZED);
      }
      assertThat(partitions(up, "visitor.normalized.g2")).isEqualTo(PARTITIONS);
      more(traffic, 200);

      // And what it all comes to
      grow(data, Topics.EVENTS);
      assertThat(partitions(up, Topics.EVENTS)).isEqualTo(PARTITIONS);
      more(traffic, 200);
      traffic.stop();

      // Then a reader gets each fact once, in the order of the visit
      await()
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(500))
          .untilAsserted(
              () -> assertThat(Facts.keysOf(reader.seen())).containsAll(traffic.acknowledged));
      String kafka = up.kafka();
      List<ConsumerRecord<byte[], byte[]>> events = Log.read(kafka, Topics.EVENTS);
      assertThat(Facts.copies(events))
          .as("copies of a fact in visitor.events")
          .allSatisfy((fact, n) -> assertThat(n).as(fact).isEqualTo(1));
      assertThat(traffic.attempted).containsAll(Facts.keysOf(events));
      await().atMost(PATIENCE).untilAsserted(() -> assertThat(reader.seen()).hasSameSizeAs(events));
      assertThat(Facts.orderOf(reader.seen()))
          .allSatisfy((visit, facts) ->
              assertThat(facts)
                  .as(visit)
                  .isIn(
                      List.of(visit + " signed_in", visit + " signed_out"),
                      List.of(visit + " signed_in")));
      assertThat(events)
          .allSatisfy(event -> assertThat(Log.header(event, Headers.VERDICT)).isEqualTo("NEW"));
      assertThat(events.stream().map(ConsumerRecord::partition).distinct())
          .as("partitions in use")
          .hasSize(PARTITIONS);
      assertThat(Log.read(kafka, Topics.DEAD_LETTERS)).isEmpty();
      assertThat(Log.read(kafka, Topics.CONFLICTS)).isEmpty();
      assertThat(Command.run(folder, "topics", "plan", "--data-dir", data.toString()))
          .contains("visitor.normalized is an old generation")
          .doesNotContain("stands still", "is growing");
      String rows =
          "SELECT count(*) || '/' || count(DISTINCT (event_id, revision)) FROM visitor_event";
      String expected = events.size() + "/" + events.size();
      await()
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(500))
          .untilAsserted(() ->
              assertThat(Command.run(folder, "sql", "--data-dir", data.toString(), rows))
                  .contains(expected));
      assertThat(up.stop()).as("exit code after SIGTERM").isZero();
    } finally {
      up.close();
    }
  }

  private void grow(Path data, String topic) throws IOException, InterruptedException {
    System.out.print(Command.run(folder, growing(data, topic)));
  }

  /** Kills the command, with no warning, when it has printed so many lines. */
  private void growUntil(int lines, Path data, String topic)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(UpProcess.launcher());
    command.addAll(List.of(growing(data, topic)));
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      for (int line = 0; line < lines; line++) {
        System.out.println(output.readLine());
      }
      process.destroyForcibly().waitFor();
    }
  }

  private static String[] growing(Path data, String topic) {
    return new String[] {
      "topics",
      "grow",
      topic,
      "--partitions",
      Integer.toString(PARTITIONS),
      "--data-dir",
      data.toString()
    };
  }

  private static boolean hasTakenOver(UpProcess up) {
    return Log.read(up.kafka(), Topics.CONTROL).stream()
        .anyMatch(record -> Log.key(record).equals("generation"));
  }

  private static int partitions(UpProcess up, String topic) throws Exception {
    try (var admin =
        org.apache.kafka.clients.admin.Admin.create(Map.of("bootstrap.servers", up.kafka()))) {
      return admin
          .describeTopics(List.of(topic))
          .allTopicNames()
          .get()
          .values()
          .iterator()
          .next()
          .partitions()
          .size();
    }
  }

  private static void more(Traffic traffic, int facts) {
    int before = traffic.acknowledged.size();
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> traffic.acknowledged.size() >= before + facts);
  }
}
