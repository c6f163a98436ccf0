package dev.vestibule.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.config.SourceConfig;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.events.Decision;
import dev.vestibule.events.DecisionOutcome;
import dev.vestibule.events.DecisionPhase;
import dev.vestibule.standalone.simulator.VendorSigner;
import dev.vestibule.standalone.simulator.Webhook;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/** Visitors who stand at a door, each until the ingress has answered Envoy's call about them. */
final class Visitors implements AutoCloseable {
  private static final Duration PROMISED = Duration.ofSeconds(3);

  /** Envoy's own; then it lets in. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final SourceConfig source;
  private final VendorSigner signer;
  private final URI hook;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final AtomicInteger number = new AtomicInteger();
  private final Queue<Asked> asked = new ConcurrentLinkedQueue<>();
  private final Queue<String> unanswered = new ConcurrentLinkedQueue<>();
  private final List<Thread> queues = new ArrayList<>();
  private volatile boolean closing;

  /**
   * A call and its answer.
   *
   * @param begun on {@link System#nanoTime()}'s clock
   */
  record Asked(String entry, long begun, long ended, int status, String body) {
    boolean approved() {
      return status == 200;
    }
  }

  /**
   * @param port of the ingress
   * @param source an Envoy source that screens
   */
  Visitors(int port, SourceConfig source) {
    this.source = source;
    this.signer = VendorSigner.forSource(source);
    this.hook = URI.create("http://127.0.0.1:" + port + "/hooks/" + source.name() + "/screen");
  }

  /** So many queues of visitors, one after the other. */
  void come(int count) {
    for (int i = 0; i < count; i++) {
      queues.add(Thread.ofVirtual().start(this::queue));
    }
  }

  private void queue() {
    while (!closing) {
      String entry = "e" + number.incrementAndGet();
      try {
        asked.add(ask(entry));
      } catch (IOException e) {
        unanswered.add(entry + ": " + e);
      } catch (InterruptedException e) {
        return;
      }
      LockSupport.parkNanos(2_000_000);
    }
  }

  /** One call about an entry. */
  Asked ask(String entry) throws IOException, InterruptedException {
    byte[] body =
        """
        {"meta":{"event":"entry_sign_in","job":{"id":"%1$s"}},"payload":{"id":"%1$s",\
        "type":"entries","attributes":{"full-name":"Jo Doe"},"relationships":{}}}\
        """
            .formatted(entry)
            .getBytes(UTF_8);
    Webhook webhook = signer.sign(body, entry, Instant.now());
    HttpRequest.Builder request =
        HttpRequest.newBuilder(hook).timeout(PATIENCE).POST(BodyPublishers.ofByteArray(body));
    webhook.headers().forEach(request::header);
    long begun = System.nanoTime();
    HttpResponse<String> answer = client.send(request.build(), BodyHandlers.ofString());
    return new Asked(entry, begun, System.nanoTime(), answer.statusCode(), answer.body());
  }

  /** All answers so far. */
  List<Asked> asked() {
    return List.copyOf(asked);
  }

  /** How many of those who came after a moment are in. */
  long approvedSince(long nanos) {
    return asked.stream().filter(one -> one.begun - nanos >= 0 && one.approved()).count();
  }

  /** How many of those who came after a moment are not in. */
  long reviewedSince(long nanos) {
    return asked.stream().filter(one -> one.begun - nanos >= 0 && !one.approved()).count();
  }

  /** Every call was answered in time, by yes or by "a person must look". */
  void assertAnswered() {
    assertThat(unanswered).isEmpty();
    assertThat(asked).isNotEmpty();
    assertThat(asked)
        .allSatisfy(one -> {
          assertThat(one.status).isIn(200, 412);
          assertThat(one.body).isEqualTo(one.approved() ? "{}" : review());
          assertThat(Duration.ofNanos(one.ended - one.begun)).isLessThan(PROMISED);
        });
  }

  static String review() {
    return "{\"message\":\"Vestibule: please check this visitor by hand.\"}";
  }

  /** What was answered is what stands written: an approval, and no review beside it. */
  void assertRecorded(IdentityKey identity, List<Decision> decisions) {
    Map<String, List<DecisionOutcome>> outcomes =
        decisions.stream()
            .filter(decision -> decision.getPhase() == DecisionPhase.DECIDED)
            .collect(
                Collectors.groupingBy(
                    Decision::getDecisionId,
                    Collectors.mapping(Decision::getOutcome, Collectors.toList())));
    assertThat(asked)
        .allSatisfy(one -> {
          List<DecisionOutcome> written =
              outcomes.get(identity.decision(source.account(), "entries", one.entry));
          assertThat(written).as(one.entry).isNotNull();
          if (one.approved()) {
            assertThat(written).as(one.entry).containsOnly(DecisionOutcome.APPROVE);
          } else {
            assertThat(written).as(one.entry).contains(DecisionOutcome.REVIEW);
          }
        });
  }

  /** Returns when nobody waits any more. */
  @Override
  public void close() {
    closing = true;
    try {
      for (Thread queue : queues) {
        queue.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    client.close();
  }
}
