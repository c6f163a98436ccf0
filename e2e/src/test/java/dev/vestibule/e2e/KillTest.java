package dev.vestibule.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.vestibule.benchmarks.UpProcess;
import dev.vestibule.config.Secret;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.Topics;
import dev.vestibule.contract.Vendor;
import dev.vestibule.standalone.simulator.VendorSigner;
import dev.vestibule.standalone.simulator.Webhook;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills {@code up} with no warning, again and again, under traffic with repetitions, and lets it
 * come back on other ports: whatever was answered 200 is in the events exactly once.
 */
class KillTest {
  private static final int ROUNDS = 4;
  private static final Secret SECRET = new Secret("kill-test-secret");
  private static final Set<String> EMITTED = Set.of("NEW", "REVISION", "CONFLICT", "UNVERIFIED");

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
    Traffic traffic = new Traffic(new Random(seed + 1));
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
              assertThat(keysOf(Log.read(kafka, Topics.EVENTS))).containsAll(traffic.acknowledged));

      // Then each acknowledged fact was emitted once, and nothing else came of the repetitions
      List<ConsumerRecord<byte[], byte[]>> events = Log.read(kafka, Topics.EVENTS);
      Map<String, Integer> copies = new HashMap<>();
      events.forEach(event -> copies.merge(fact(event), 1, Integer::sum));
      assertThat(copies)
          .as("copies of a fact in visitor.events")
          .allSatisfy((fact, n) -> assertThat(n).as(fact).isEqualTo(1));
      assertThat(traffic.attempted).containsAll(copies.keySet());
      assertThat(events)
          .allSatisfy(event -> assertThat(EMITTED).contains(Log.header(event, Headers.VERDICT)));
      assertThat(events)
          .as("nothing is unverified: the state was complete all the time")
          .noneSatisfy(
              event -> assertThat(Log.header(event, Headers.VERDICT)).isEqualTo("UNVERIFIED"));
      assertThat(orderOf(events)).isEqualTo(orderOf(Log.read(kafka, Topics.NORMALIZED)));
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

  private static Set<String> keysOf(List<ConsumerRecord<byte[], byte[]>> events) {
    return events.stream().map(KillTest::fact).collect(Collectors.toSet());
  }

  /** Visit and type: what the traffic calls a fact. */
  private static String fact(ConsumerRecord<byte[], byte[]> event) {
    String type = String.valueOf(Log.header(event, Headers.CE_TYPE));
    return Log.key(event) + " " + type.substring(type.lastIndexOf('.') + 1);
  }

  /** Per visit, the facts in the order of their first appearance. */
  private static Map<String, List<String>> orderOf(List<ConsumerRecord<byte[], byte[]>> records) {
    Map<String, List<String>> order = new HashMap<>();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      List<String> facts = order.computeIfAbsent(Log.key(record), _ -> new ArrayList<>());
      if (!facts.contains(fact(record))) {
        facts.add(fact(record));
      }
    }
    return order;
  }

  /** A vendor that sends arrivals and departures, repeats one in five, and retries what failed. */
  private static final class Traffic implements AutoCloseable {
    final Set<String> attempted = ConcurrentHashMap.newKeySet();
    final Set<String> acknowledged = ConcurrentHashMap.newKeySet();

    private final VendorSigner signer = VendorSigner.forVendor(Vendor.KYBERACCESS, SECRET);
    private final AtomicReference<String> target = new AtomicReference<>();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final AtomicInteger visits = new AtomicInteger();
    private final List<Thread> senders = new ArrayList<>();
    private final HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();

    Traffic(Random random) {
      for (int sender = 0; sender < 4; sender++) {
        Random own = new Random(random.nextLong());
        senders.add(Thread.ofVirtual().start(() -> run(own)));
      }
    }

    void sendTo(String ingress) {
      target.set(ingress);
    }

    void stop() {
      stopped.set(true);
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> senders.stream().noneMatch(Thread::isAlive));
    }

    @Override
    public void close() {
      stop();
      client.close();
    }

    private void run(Random random) {
      while (!stopped.get()) {
        int visit = visits.incrementAndGet();
        deliver(visit, "visitor.checked_in", "signed_in", random);
        deliver(visit, "visitor.checked_out", "signed_out", random);
      }
    }

    private void deliver(int visit, String event, String type, Random random) {
      String fact = "hq:vis_" + visit + " " + type;
      byte[] body =
          """
          {"id":"evt_%d_%s","event":"%s","timestamp":"%s","data":{"visitor":{"id":"vis_%d",\
          "first_name":"Test","last_name":"Visitor"}},"account_id":"acc_1"}\
          """
              .formatted(
                  visit,
                  type,
                  event,
                  Instant.now().truncatedTo(java.time.temporal.ChronoUnit.SECONDS),
                  visit)
              .getBytes(StandardCharsets.UTF_8);
      attempted.add(fact);
      int repetitions = random.nextInt(5) == 0 ? 2 : 1;
      for (int done = 0; done < repetitions && !stopped.get(); ) {
        if (post(signer.sign(body, "dlv_" + random.nextInt(), Instant.now())) == 200) {
          acknowledged.add(fact);
          done++;
        }
      }
    }

    private int post(Webhook webhook) {
      String ingress = target.get();
      if (ingress == null) {
        return refused();
      }
      HttpRequest.Builder request =
          HttpRequest.newBuilder(URI.create(ingress + "/hooks/hq"))
              .timeout(Duration.ofSeconds(10))
              .POST(HttpRequest.BodyPublishers.ofByteArray(webhook.body()));
      webhook.headers().forEach(request::header);
      try {
        return client.send(request.build(), HttpResponse.BodyHandlers.discarding()).statusCode();
      } catch (IOException e) {
        return refused();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return 0;
      }
    }

    /** A vendor does not hammer a door that is shut. */
    private static int refused() {
      LockSupport.parkNanos(10_000_000);
      return 0;
    }
  }
}
