package dev.vestibule.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.config.SourceConfig;
import dev.vestibule.contract.Headers;
import dev.vestibule.standalone.simulator.Answer;
import dev.vestibule.standalone.simulator.HttpLine;
import dev.vestibule.standalone.simulator.VendorSigner;
import dev.vestibule.standalone.simulator.Webhook;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Several doors, each with some visits that say how they go on, webhook after webhook, to an
 * ingress in trouble. A webhook that was not accepted is not sent again.
 */
final class Doors implements AutoCloseable {
  private static final int VISITS = 50;

  private final String source;
  private final URI hook;
  private final VendorSigner signer;
  private final HttpLine line = new HttpLine();
  private final Queue<Accepted> accepted = new ConcurrentLinkedQueue<>();
  private final Queue<Integer> refused = new ConcurrentLinkedQueue<>();
  private final Queue<Duration> latencies = new ConcurrentLinkedQueue<>();
  private final Map<String, Thread> open = new TreeMap<>();
  private volatile boolean closing;

  /** A webhook that was answered 200, and the receipt. */
  private record Accepted(String body, String receipt) {
    boolean spooled() {
      return receipt.startsWith("spool-");
    }
  }

  /**
   * @param ingress its port
   * @param source an Envoy source
   */
  Doors(int ingress, SourceConfig source) {
    this.source = source.name();
    this.hook = URI.create("http://127.0.0.1:" + ingress + "/hooks/" + source.name());
    this.signer = VendorSigner.forSource(source);
  }

  /** So many doors more. */
  void open(int count) {
    closing = false;
    for (int door = 0; door < count; door++) {
      String name = "d" + open.size();
      open.put(name, Thread.ofVirtual().start(() -> visit(name)));
    }
  }

  /** Returns when everything that was sent is answered. */
  @Override
  public void close() {
    closing = true;
    try {
      for (Thread door : open.values()) {
        door.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    line.close();
  }

  /** One webhook after the other, until the doors close. */
  private void visit(String door) {
    for (int number = 0; !closing; number++) {
      String body = body(door + "-" + number % VISITS, number);
      try {
        Answer answer = post(body);
        latencies.add(answer.latency());
        if (answer.status() == 200) {
          accepted.add(new Accepted(body, Objects.requireNonNull(answer.receipt())));
        } else {
          refused.add(answer.status());
        }
      } catch (IOException e) {
        // Nobody there: it is being killed or started.
        LockSupport.parkNanos(20_000_000);
      } catch (InterruptedException e) {
        return;
      }
      LockSupport.parkNanos(2_000_000);
    }
  }

  private static String body(String visit, int number) {
    return "{\"payload\":{\"id\":\"%s\"},\"sent\":%d}".formatted(visit, number);
  }

  /** One webhook of a visit of its own, beside those that the doors send. */
  Answer knock() throws IOException, InterruptedException {
    return post(body("knock", 0));
  }

  private Answer post(String body) throws IOException, InterruptedException {
    Webhook webhook = signer.sign(body.getBytes(UTF_8), "d-1", Instant.now());
    return line.send(hook, webhook);
  }

  /** How many were answered from the spool. */
  long spooled() {
    return accepted.stream().filter(Accepted::spooled).count();
  }

  /** How many were answered with a position in Kafka. */
  long straight() {
    return accepted.size() - spooled();
  }

  /** The statuses of all that were not accepted. */
  List<Integer> refused() {
    return List.copyOf(refused);
  }

  /** How long every answer took. */
  List<Duration> latencies() {
    return List.copyOf(latencies);
  }

  /** What was accepted is there under its receipt. Copies count once: a lost answer makes them. */
  void assertNothingLostAndInOrder(List<ConsumerRecord<byte[], byte[]>> records) {
    Map<String, List<Integer>> firstCopies = new TreeMap<>();
    Map<String, String> byReceipt = new HashMap<>();
    Map<String, String> byRequest = new HashMap<>();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      if (!source.equals(Log.header(record, Headers.SOURCE))) {
        continue;
      }
      String request = Objects.requireNonNull(Log.header(record, Headers.REQUEST_ID));
      String body = new String(record.value(), UTF_8);
      if (byRequest.putIfAbsent(request, body) == null && !body.contains("knock")) {
        firstCopies
            .computeIfAbsent(Log.key(record), _ -> new ArrayList<>())
            .add(Integer.valueOf(body.substring(body.lastIndexOf(':') + 1, body.length() - 1)));
      }
      assertThat(body).as("copies").isEqualTo(byRequest.get(request));
      byReceipt.put(record.topic() + "-" + record.partition() + "@" + record.offset(), body);
      String receipt = Log.header(record, Headers.SPOOL_RECEIPT);
      if (receipt != null) {
        byReceipt.put(receipt, body);
      }
    }
    assertThat(accepted)
        .isNotEmpty()
        .allMatch(one -> one.body.equals(byReceipt.get(one.receipt)), "is there under its receipt");
    assertThat(firstCopies).isNotEmpty();
    assertThat(firstCopies.values())
        .allSatisfy(numbers -> assertThat(numbers).isSorted().doesNotHaveDuplicates());
  }
}
