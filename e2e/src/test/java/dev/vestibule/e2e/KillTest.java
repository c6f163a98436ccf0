package dev.vestibule.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.vestibule.benchmarks.UpProcess;
import dev.vestibule.config.Secret;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.Topics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills {@code up} with no warning, again and again, under traffic with repetitions, and lets it
 * come back on other ports: whatever was answered 200 is in the events exactly once.
 */
class KillTest {
  private static final int ROUNDS = Endurance.of(2, 4);
  private static final Secret SECRET = new Secret("kill-test-secret");

  @TempDir Path folder;

  @Test
  void everythingAcknowledgedIsThereExactlyOnceAfterEveryKill() throws Exception {
    long seed = System.nanoTime();
    System.out.println("kill test: seed " + seed);
    Random random = new Random(seed);
    Path data = folder.resolve("data");
    Files.createDirectories(data);
    Path config = folder.resolve("vestibule.yml");
    Files.writeString(
        config,
        """
        vestibule:
          sources:
            hq: { vendor: kyberaccess, secrets: ["kill-test-secret"] }
        """);

    // Given traffic that goes on while the process is killed and comes back
    Traffic traffic = new Traffic(SECRET, new Random(seed + 1));
    UpProcess up = UpProcess.start(data, config);
    try (traffic) {
      traffic.sendTo(up.ingress());
      for (int round = 0; round < ROUNDS; round++) {
        int before = traffic.acknowledged.size();
        int wanted = 30 + random.nextInt(120);
        await()
            .atMost(Duration.ofSeconds(60))
            .pollInterval(Duration.ofMillis(5))
            .until(() -> traffic.acknowledged.size() >= before + wanted);
        up.kill();
        up = UpProcess.start(data, config);
        traffic.sendTo(up.ingress());
      }
      int before = traffic.acknowledged.size();
      await().atMost(Duration.ofSeconds(60)).until(() -> traffic.acknowledged.size() > before + 50);
      traffic.stop();

      // When the pipeline has come to rest
      String kafka = up.kafka();
      await()
          .atMost(Duration.ofSeconds(60))
          .pollInterval(Duration.ofMillis(500))
          .untilAsserted(() ->
              assertThat(Facts.keysOf(Log.read(kafka, Topics.EVENTS)))
                  .containsAll(traffic.acknowledged));

      // Then each acknowledged fact was emitted once, and nothing else came of the repetitions
      List<ConsumerRecord<byte[], byte[]>> events = Log.read(kafka, Topics.EVENTS);
      Map<String, Integer> copies = Facts.copies(events);
      assertThat(copies)
          .as("copies of a fact in visitor.events")
          .allSatisfy((fact, n) -> assertThat(n).as(fact).isEqualTo(1));
      assertThat(traffic.attempted).containsAll(copies.keySet());
      assertThat(events)
          .allSatisfy(
              event -> assertThat(Facts.EMITTED).contains(Log.header(event, Headers.VERDICT)));
      assertThat(events)
          .as("nothing is unverified: the state was complete all the time")
          .noneSatisfy(
              event -> assertThat(Log.header(event, Headers.VERDICT)).isEqualTo("UNVERIFIED"));
      assertThat(Facts.orderOf(events))
          .isEqualTo(Facts.orderOf(Log.read(kafka, Topics.NORMALIZED)));
      assertThat(Log.read(kafka, Topics.DEAD_LETTERS)).isEmpty();
      assertThat(Log.read(kafka, Topics.CONFLICTS)).isEmpty();
      String rows =
          "SELECT count(*) || '/' || count(DISTINCT (event_id, revision)) FROM visitor_event";
      String expected = events.size() + "/" + events.size();
      await()
          .atMost(Duration.ofSeconds(60))
          .pollInterval(Duration.ofMillis(500))
          .untilAsserted(() ->
              assertThat(Command.run(folder, "sql", "--data-dir", data.toString(), rows))
                  .contains(expected));
      assertThat(up.stop()).as("exit code after SIGTERM").isZero();
    } finally {
      up.close();
    }
  }
}
