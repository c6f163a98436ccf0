package dev.vestibule.benchmarks.chaos;

import dev.vestibule.benchmarks.Ports;
import dev.vestibule.config.ConfigLoader;
import dev.vestibule.config.IdentityKeys;
import dev.vestibule.config.IdentityKeys.IfAbsent;
import dev.vestibule.config.TopicsConfig;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.contract.Topics;
import dev.vestibule.contract.Vendor;
import dev.vestibule.deduper.DeduperApplication;
import dev.vestibule.ingress.IngressApplication;
import dev.vestibule.normalizer.NormalizerApplication;
import dev.vestibule.serde.HttpSchemaRegistry;
import dev.vestibule.service.ServiceContext;
import dev.vestibule.standalone.broker.TopicSetup;
import dev.vestibule.standalone.registry.EmbeddedRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;

/**
 * An installation to be mistreated: a broker, three dedupers and a normalizer in processes of their
 * own; ingress and registry in this one, which survives. Who dies without having been killed is
 * started again, as a supervisor would, and counted.
 */
final class Rig implements AutoCloseable {
  static final int DEDUPERS = 3;

  /** {@code transaction.timeout.ms} and the session timeout of the dedupers. */
  static final Duration TRANSACTION_TIMEOUT = Duration.ofSeconds(10);

  private static final Duration UP_WITHIN = Duration.ofSeconds(60);
  private static final int ANSWER_WITHIN_MS = 10_000;
  private static final int PARTITIONS = 4;

  private final Path folder;
  private final String bootstrap;
  private final ChildProcess broker;
  private final List<ChildProcess> dedupers = new ArrayList<>();
  private final ChildProcess normalizer;
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final AtomicInteger revived = new AtomicInteger();
  private final Thread killer = Thread.ofPlatform().unstarted(this::killAll);
  private final IngressApplication ingress;
  private final HttpSchemaRegistry schemas;

  /** Starts everything; returns before the services are ready. */
  Rig(Path folder) throws InterruptedException {
    this.folder = folder;
    try {
      int port = Ports.free();
      this.bootstrap = "127.0.0.1:" + port;
      this.broker =
          new ChildProcess(
              "broker",
              folder,
              "320m",
              List.of("broker", folder.resolve("kafka").toString(), Integer.toString(port)));
      Path identity = folder.resolve("identity.key");
      IdentityKeys.open(identity, folder, IfAbsent.CREATE);
      for (int number = 1; number <= DEDUPERS; number++) {
        dedupers.add(service("deduper", "deduper-" + number));
      }
      this.normalizer = service("normalizer", "normalizer");
      Runtime.getRuntime().addShutdownHook(killer);
      broker.start();
      awaitBroker();
      TopicsConfig topics = new TopicsConfig("", (short) 1, Map.of(), Map.of());
      try (Admin admin = admin()) {
        new TopicSetup(topics, TopicSetup.Scale.EMBEDDED).apply(admin);
      }
      EmbeddedRegistry registry =
          EmbeddedRegistry.start(Map.of("bootstrap.servers", bootstrap), "127.0.0.1", 0);
      parts.push(registry);
      writeConfig(identity, registry.url());
      this.schemas = new HttpSchemaRegistry(registry.url(), null);
      parts.push(schemas);
      dedupers.forEach(ChildProcess::start);
      normalizer.start();
      VestibuleConfig config = ConfigLoader.load(configFile(), folder, Map.of());
      this.ingress =
          IngressApplication.start(
              new ServiceContext(
                  config,
                  IdentityKeys.open(identity, folder, IfAbsent.REFUSE),
                  null,
                  folder,
                  schemas,
                  new SimpleMeterRegistry(),
                  InstantSource.system()));
      parts.push(ingress);
    } catch (IOException e) {
      close();
      throw new UncheckedIOException(e);
    } catch (RuntimeException | InterruptedException e) {
      close();
      throw e;
    }
  }

  private ChildProcess service(String command, String name) {
    return new ChildProcess(
        name,
        folder,
        "96m",
        List.of(
            command,
            "--config",
            configFile().toString(),
            "--data-dir",
            folder.resolve(name).toString(),
            "--admin-port",
            "0"));
  }

  private Path configFile() {
    return folder.resolve("vestibule.yml");
  }

  private void writeConfig(Path identity, String registry) throws IOException {
    Files.writeString(
        configFile(),
        """
        vestibule:
          sources:
            %s: { vendor: kyberaccess, secrets: ["%s"] }
          identity: { key-file: "%s" }
          kafka: { bootstrap.servers: "%s" }
          registry: { url: "%s" }
          topics: { replication: 1 }
          ingress: { host: 127.0.0.1, port: 0 }
        """
            .formatted(Load.SOURCE, Load.SECRET.reveal(), identity, bootstrap, registry));
  }

  String bootstrap() {
    return bootstrap;
  }

  URI ingress() {
    return URI.create("http://127.0.0.1:" + ingress.port());
  }

  HttpSchemaRegistry schemas() {
    return schemas;
  }

  int partitions() {
    return PARTITIONS;
  }

  ChildProcess broker() {
    return broker;
  }

  ChildProcess normalizer() {
    return normalizer;
  }

  List<ChildProcess> dedupers() {
    return dedupers;
  }

  /** Takes everything a killed deduper remembers, its name in the group included. */
  void wipe(ChildProcess deduper) {
    Path data = folder.resolve(deduper.name());
    try (Stream<Path> files = Files.walk(data)) {
      files.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts again who died on his own. */
  void revive() {
    for (ChildProcess child : children()) {
      if (!child.alive()) {
        revived.incrementAndGet();
        child.start();
      }
    }
  }

  /** How often {@link #revive} found somebody dead. */
  int revived() {
    return revived.get();
  }

  void awaitBroker() throws InterruptedException {
    Await.until(
        "the broker serves clients",
        UP_WITHIN,
        () -> {
          try (Admin admin = admin()) {
            get(admin.describeCluster().controller());
            return true;
          } catch (IllegalStateException e) {
            return false;
          }
        });
  }

  /** Whether every record was read, judged and committed. */
  boolean drained() {
    try (Admin admin = admin()) {
      return caughtUp(admin, NormalizerApplication.APPLICATION_ID, Vendor.KYBERACCESS.rawTopic())
          && caughtUp(admin, DeduperApplication.APPLICATION_ID, Topics.NORMALIZED)
          && Stream.of(Topics.EVENTS, Topics.DUPLICATES, Topics.CONFLICTS, Topics.DEAD_LETTERS)
              .allMatch(topic ->
                  ends(admin, topic, IsolationLevel.READ_COMMITTED)
                      .equals(ends(admin, topic, IsolationLevel.READ_UNCOMMITTED)));
    } catch (IllegalStateException e) {
      return false;
    }
  }

  private static boolean caughtUp(Admin admin, String group, String topic) {
    Map<TopicPartition, OffsetAndMetadata> committed =
        get(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
    return ends(admin, topic, IsolationLevel.READ_UNCOMMITTED).entrySet().stream()
        .allMatch(end -> {
          OffsetAndMetadata offset = committed.get(end.getKey());
          return end.getValue() == (offset == null ? 0 : offset.offset());
        });
  }

  private static Map<TopicPartition, Long> ends(
      Admin admin, String topic, IsolationLevel isolation) {
    Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
    for (int partition = 0; partition < PARTITIONS; partition++) {
      latest.put(new TopicPartition(topic, partition), OffsetSpec.latest());
    }
    Map<TopicPartition, Long> ends = new HashMap<>();
    get(admin.listOffsets(latest, new ListOffsetsOptions(isolation)).all())
        .forEach((partition, found) -> ends.put(partition, found.offset()));
    return ends;
  }

  private Admin admin() {
    return Admin.create(
        Map.of(
            "bootstrap.servers", bootstrap,
            "default.api.timeout.ms", ANSWER_WITHIN_MS,
            "request.timeout.ms", ANSWER_WITHIN_MS));
  }

  private static <T> T get(KafkaFuture<T> future) {
    try {
      return future.get(ANSWER_WITHIN_MS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("the broker does not answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  List<ChildProcess> children() {
    List<ChildProcess> children = new ArrayList<>(dedupers);
    children.add(normalizer);
    children.add(broker);
    return children;
  }

  private void killAll() {
    children().forEach(ChildProcess::close);
  }

  /** Kills everything; nothing needs a clean end here. */
  @Override
  public void close() {
    killAll();
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (Exception e) {
        System.err.println("chaos: closing failed: " + e);
      }
    }
    try {
      Runtime.getRuntime().removeShutdownHook(killer);
    } catch (IllegalStateException e) {
      // The JVM is ending, and the hook has done the same.
    }
  }
}
