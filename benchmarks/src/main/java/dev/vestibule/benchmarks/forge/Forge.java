package dev.vestibule.benchmarks.forge;

import dev.vestibule.config.ConnectionLimits;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Topics;
import dev.vestibule.ingress.decision.Answers;
import dev.vestibule.ingress.decision.Screening;
import dev.vestibule.ingress.decision.Snapshots;
import dev.vestibule.ingress.decision.envoy.PurposeRegistration;
import dev.vestibule.ingress.publish.Publisher;
import dev.vestibule.ingress.publish.RawRecord;
import dev.vestibule.ingress.publish.RawRecords;
import dev.vestibule.ingress.publish.Receipt;
import dev.vestibule.ingress.publish.RequestIds;
import dev.vestibule.ingress.webhook.SlackSinks;
import dev.vestibule.ingress.webhook.Sources;
import dev.vestibule.ingress.webhook.WebhookRequest;
import dev.vestibule.ingress.webhook.WebhookServer;
import dev.vestibule.ingress.webhook.Webhooks;
import dev.vestibule.serde.AvroSerializer;
import dev.vestibule.serde.InMemorySchemaRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Sends forgeries to the real verification and counts what gets in. Every request follows from the
 * seed and its number alone.
 */
public final class Forge {
  private static final Instant NOW = Instant.parse("2026-03-02T08:15:30Z");
  private static final long PENDING_BYTES = 64L * 1024 * 1024;
  private static final int BATCH = 500;
  private static final int ACCEPTED = 200;
  private static final int SERVER_ERROR = 500;

  /** One request in so many is also sent as it was, and must get in. */
  private static final int GENUINE_ONE_IN = 32;

  private static final List<Mutation> MUTATIONS = List.of(Mutation.values());

  private final long seed;
  private final int overLoopbackOneIn;
  private final Cast cast;
  private final Webhooks webhooks;
  private final Sources sources;
  private final Tally tally = new Tally();

  /**
   * @param folder for the configuration on trial
   * @param overLoopbackOneIn one request in so many also goes over a socket
   */
  public Forge(Path folder, long seed, int overLoopbackOneIn) throws IOException {
    this.seed = seed;
    this.overLoopbackOneIn = overLoopbackOneIn;
    this.cast = new Cast(folder, new Random(seed), NOW);
    this.sources = Sources.of(cast.sources());
    Random random = new Random(seed);
    IdentityKey identity = new IdentityKey(new byte[32]);
    Nowhere nowhere = new Nowhere();
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    this.webhooks =
        new Webhooks(
            sources,
            SlackSinks.of(Map.of()),
            new RawRecords(new TopicNames(""), identity, new RequestIds(random)),
            nowhere,
            new Screening(
                Snapshots.NONE,
                new Answers(1),
                nowhere,
                new AvroSerializer(new InMemorySchemaRegistry()),
                Topics.DECISIONS,
                identity,
                meters,
                InstantSource.fixed(NOW),
                Map.of()),
            new PurposeRegistration(InstantSource.fixed(NOW), random),
            identity,
            meters,
            InstantSource.fixed(NOW),
            random,
            PENDING_BYTES);
  }

  /** Makes so many forgeries with all processors. */
  public Tally run(long requests, PrintStream progress) throws IOException, InterruptedException {
    AtomicLong next = new AtomicLong();
    try (WebhookServer server =
            WebhookServer.start("127.0.0.1", 0, ConnectionLimits.DEFAULT, webhooks, sources);
        ExecutorService threads =
            Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors())) {
      List<Future<?>> workers =
          IntStream.range(0, Runtime.getRuntime().availableProcessors())
              .<Future<?>>mapToObj(
                  worker -> threads.submit(() -> work(next, requests, server.port())))
              .toList();
      for (Future<?> worker : workers) {
        while (!done(worker)) {
          progress.printf(
              Locale.ROOT,
              "bench forge: %,d of %,d, accepted %d, 5xx %d%n",
              Math.min(next.get(), requests),
              requests,
              tally.accepted(),
              tally.serverErrors());
        }
      }
    }
    return tally;
  }

  private static boolean done(Future<?> worker) throws InterruptedException {
    try {
      worker.get(2, java.util.concurrent.TimeUnit.SECONDS);
      return true;
    } catch (java.util.concurrent.TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("a forger stopped", e);
    }
  }

  private @Nullable Void work(AtomicLong next, long requests, int port) throws IOException {
    try (Wire wire = new Wire(port)) {
      for (long from = next.getAndAdd(BATCH); from < requests; from = next.getAndAdd(BATCH)) {
        for (long number = from; number < Math.min(from + BATCH, requests); number++) {
          forge(number, wire);
        }
      }
    }
    return null;
  }

  private void forge(long number, Wire wire) throws IOException {
    SplittableRandom random = new SplittableRandom(seed ^ number * 0x9E3779B97F4A7C15L);
    Sender sender = cast.senders().get(random.nextInt(cast.senders().size()));
    Forgery request = sender.genuine().get(random.nextInt(sender.genuine().size())).copy();
    String label = "request " + number + " of " + sender.name();
    Wire also = number % overLoopbackOneIn == 0 ? wire : null;
    if (random.nextInt(GENUINE_ONE_IN) == 0) {
      send(label + " as it was sent", sender, request, true, also);
    }
    StringBuilder how = new StringBuilder(label);
    int mutations = random.nextInt(4) == 0 ? 2 + random.nextInt(2) : 1;
    do {
      for (; mutations > 0; mutations--) {
        Mutation mutation = MUTATIONS.get(random.nextInt(MUTATIONS.size()));
        mutation.apply(request, sender, random);
        how.append(" + ").append(mutation.name().toLowerCase(Locale.ROOT));
        tally.mutated(mutation);
      }
      send(how.toString(), sender, request, false, also);
      // What says the same as before is no forgery yet.
      mutations = 1;
    } while (sender.isGenuine(request));
  }

  private void send(
      String label, Sender sender, Forgery request, boolean untouched, @Nullable Wire also)
      throws IOException {
    tally.judge(label, untouched, sender.isGenuine(request), inProcess(request));
    if (also != null && Wire.canCarry(request)) {
      tally.sentOverLoopback();
      boolean same = sender.isGenuine(request.onTheWire());
      tally.judge(label + ", over loopback", untouched, same, also.send(request));
    }
  }

  private int inProcess(Forgery request) {
    try {
      return webhooks
          .accept(
              new WebhookRequest(
                  request.source,
                  request.pathKey,
                  request::all,
                  InetAddress.getLoopbackAddress(),
                  null,
                  request.body.length,
                  () -> new ByteArrayInputStream(request.body)))
          .join()
          .status();
    } catch (RuntimeException e) {
      return SERVER_ERROR;
    }
  }

  static boolean isAccepted(int status) {
    return status == ACCEPTED;
  }

  static boolean isServerError(int status) {
    return status >= SERVER_ERROR;
  }

  /** Takes every record and keeps none. */
  private static final class Nowhere implements Publisher {
    @Override
    public CompletableFuture<Receipt> publish(RawRecord record) {
      return CompletableFuture.completedFuture(new Receipt.InKafka(record.topic(), 0, 0));
    }

    @Override
    public boolean reachable() {
      return true;
    }

    @Override
    public void close() {
      // Nothing is open.
    }
  }
}
