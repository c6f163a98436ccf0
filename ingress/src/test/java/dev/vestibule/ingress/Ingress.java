package dev.vestibule.ingress;

import dev.vestibule.config.ConnectionLimits;
import dev.vestibule.config.IdentityConfig;
import dev.vestibule.config.IngressConfig;
import dev.vestibule.config.RegistryConfig;
import dev.vestibule.config.SourceConfig;
import dev.vestibule.config.TopicsConfig;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.ingress.decision.Snapshot;
import dev.vestibule.ingress.decision.Snapshots;
import dev.vestibule.serde.InMemorySchemaRegistry;
import dev.vestibule.serde.SchemaRegistry;
import dev.vestibule.service.ServiceContext;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A running ingress in front of a recording publisher, at a clock that stands still. No source
 * spools.
 */
final class Ingress implements AutoCloseable {
  static final long DEFAULT_PENDING_BYTES = 64L * 1024 * 1024;
  static final IdentityKey IDENTITY = new IdentityKey(new byte[32]);

  /** Nobody makes it: a folder that is there would be looked through for spools. */
  private static final Path NO_FOLDER = Path.of("target", "no-such-folder");

  static final Instant NOW = Instant.parse("2026-03-02T08:15:30.123456789Z");

  final RecordingPublisher publisher = new RecordingPublisher();
  final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  final SchemaRegistry registry;
  final IngressApplication application;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private Ingress(
      long maxPendingBytes, ConnectionLimits limits, Instant now, List<SourceConfig> sources) {
    this(maxPendingBytes, limits, now, Snapshots.NONE, sources);
  }

  private Ingress(
      long maxPendingBytes,
      ConnectionLimits limits,
      Instant now,
      Snapshots snapshots,
      List<SourceConfig> sources) {
    ServiceContext context =
        context(
            meters,
            InstantSource.fixed(now),
            maxPendingBytes,
            limits,
            sources.stream().map(source -> source.withSpool(false)).toList(),
            Map.of(),
            NO_FOLDER);
    registry = context.registry();
    application = IngressApplication.start(context, publisher, snapshots);
  }

  private Ingress(VestibuleConfig config, Path dataDir, Supplier<VestibuleConfig> reload) {
    registry = new InMemorySchemaRegistry();
    application =
        IngressApplication.start(
            new ServiceContext(
                config,
                IDENTITY,
                null,
                dataDir,
                registry,
                meters,
                InstantSource.fixed(NOW),
                reload),
            publisher);
  }

  /** With a configuration that may change while it runs. */
  static Ingress of(VestibuleConfig config, Path dataDir, Supplier<VestibuleConfig> reload) {
    return new Ingress(config, dataDir, reload);
  }

  static Ingress with(SourceConfig... sources) {
    return new Ingress(DEFAULT_PENDING_BYTES, ConnectionLimits.DEFAULT, NOW, List.of(sources));
  }

  /** With what decisions rest on. */
  static Ingress knowing(Snapshot snapshot, SourceConfig... sources) {
    return new Ingress(
        DEFAULT_PENDING_BYTES, ConnectionLimits.DEFAULT, NOW, () -> snapshot, List.of(sources));
  }

  static Ingress at(Instant now, SourceConfig... sources) {
    return new Ingress(DEFAULT_PENDING_BYTES, ConnectionLimits.DEFAULT, now, List.of(sources));
  }

  static Ingress withPendingBytes(long maxPendingBytes, SourceConfig... sources) {
    return new Ingress(maxPendingBytes, ConnectionLimits.DEFAULT, NOW, List.of(sources));
  }

  static Ingress withLimits(ConnectionLimits limits, SourceConfig... sources) {
    return new Ingress(DEFAULT_PENDING_BYTES, limits, NOW, List.of(sources));
  }

  static ServiceContext context(
      SimpleMeterRegistry meters,
      InstantSource clock,
      long maxPendingBytes,
      ConnectionLimits limits,
      List<SourceConfig> sources,
      Map<String, String> kafka,
      Path dataDir) {
    Map<String, SourceConfig> byName = new LinkedHashMap<>();
    sources.forEach(source -> byName.put(source.name(), source));
    VestibuleConfig config =
        new VestibuleConfig(
            new IdentityConfig(Path.of("identity.key"), Path.of("credential.key")),
            byName,
            Map.of(),
            kafka,
            new RegistryConfig(null, null, null),
            new TopicsConfig("", (short) 1, Map.of(), Map.of()),
            new IngressConfig("127.0.0.1", 0, "127.0.0.1", 0, maxPendingBytes, limits, null));
    return new ServiceContext(
        config, IDENTITY, null, dataDir, new InMemorySchemaRegistry(), meters, clock);
  }

  int port() {
    return application.port();
  }

  /** Posts a body; headers as name, value, name, value. */
  HttpResponse<String> post(String path, byte[] body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
            .timeout(Duration.ofSeconds(20))
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** A counter by the end of its name, summed over all series that have the tags. */
  double count(String what, String... tags) {
    return meters.find("vestibule.ingress." + what).tags(tags).counters().stream()
        .mapToDouble(Counter::count)
        .sum();
  }

  @Override
  public void close() {
    application.close();
    client.close();
  }
}
