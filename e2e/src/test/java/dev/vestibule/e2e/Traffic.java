package dev.vestibule.e2e;

import static org.awaitility.Awaitility.await;

import dev.vestibule.config.Secret;
import dev.vestibule.contract.Vendor;
import dev.vestibule.standalone.simulator.VendorSigner;
import dev.vestibule.standalone.simulator.Webhook;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * A vendor that sends arrivals and departures, retries what failed, repeats one in five at once and
 * one in ten at any time later.
 */
final class Traffic implements AutoCloseable {
  final Set<String> attempted = ConcurrentHashMap.newKeySet();
  final Set<String> acknowledged = ConcurrentHashMap.newKeySet();

  private final VendorSigner signer;
  private final List<byte[]> accepted = Collections.synchronizedList(new ArrayList<>());
  private final AtomicReference<String> target = new AtomicReference<>();
  private final AtomicBoolean stopped = new AtomicBoolean();
  private final AtomicInteger visits = new AtomicInteger();
  private final List<Thread> senders = new ArrayList<>();
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(2))
          .build();

  /**
   * @param secret of the source {@code hq}
   */
  Traffic(Secret secret, Random random) {
    this.signer = VendorSigner.forVendor(Vendor.KYBERACCESS, secret);
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
    await().atMost(Duration.ofSeconds(30)).until(() -> senders.stream().noneMatch(Thread::isAlive));
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
        accepted.add(body);
        done++;
      }
    }
    if (random.nextInt(10) == 0 && !accepted.isEmpty()) {
      byte[] old = accepted.get(random.nextInt(accepted.size()));
      post(signer.sign(old, "dlv_" + random.nextInt(), Instant.now()));
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
