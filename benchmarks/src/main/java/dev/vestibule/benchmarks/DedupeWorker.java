package dev.vestibule.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import dev.vestibule.config.IdentityConfig;
import dev.vestibule.config.IngressConfig;
import dev.vestibule.config.RegistryConfig;
import dev.vestibule.config.TopicsConfig;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.deduper.DeduperParts;
import dev.vestibule.deduper.StateBench;
import dev.vestibule.events.ConflictReport;
import dev.vestibule.events.DeadLetter;
import dev.vestibule.events.DuplicateReport;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.serde.InMemorySchemaRegistry;
import dev.vestibule.serde.SchemaRegistry;
import dev.vestibule.standalone.broker.EmbeddedBroker;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerInterceptor;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.StateRestoreListener;

/**
 * One process of {@code bench dedupe}: the broker, or one contender. Takes a command per line on
 * stdin and answers each with one line on stdout; ends when stdin does.
 */
final class DedupeWorker {
  private static final Duration DRAINED_WITHIN = Duration.ofMinutes(5);
  private static final long LOOK_EVERY_MILLIS = 50;

  private final Contender contender;
  private final String bootstrap;
  private final Path folder;
  private final SchemaRegistry registry = schemas();

  private DedupeWorker(Contender contender, String bootstrap, Path folder) {
    this.contender = contender;
    this.bootstrap = bootstrap;
    this.folder = folder;
  }

  /** Arguments: {@code broker FOLDER}, or {@code CONTENDER FOLDER BOOTSTRAP}. */
  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[1]);
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    if (args[0].equals("broker")) {
      try (EmbeddedBroker broker = EmbeddedBroker.start(folder, 0)) {
        System.out.println(broker.bootstrap());
        in.readLine();
      }
      return;
    }
    if (args[0].equals("state")) {
      System.out.println("ready");
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        String[] words = line.split(" ");
        int count = Integer.parseInt(words[1]);
        Map<String, Double> figures =
            words[0].equals("bytes")
                ? StateBench.bytesPerKey(folder.resolve("bytes"), count)
                : StateBench.nativeMemory(folder.resolve("memory"), count);
        figures.forEach((name, value) -> System.out.print(name + "=" + value + " "));
        System.out.println();
      }
      return;
    }
    DedupeWorker worker = new DedupeWorker(Contender.valueOf(args[0]), args[2], folder);
    System.out.println("ready");
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ");
      System.out.println(
          switch (words[0]) {
            case "fill" ->
                worker.fill(
                    DedupeInput.Keys.valueOf(words[1]), words[2], Integer.parseInt(words[3]));
            case "drain" -> worker.drain(words[1], words[2]);
            case "restore" -> worker.restore(words[1], words[2]);
            default -> throw new IllegalArgumentException(line);
          });
    }
  }

  /** The same ids in every process, so that each can read what another wrote. */
  static SchemaRegistry schemas() {
    SchemaRegistry registry = new InMemorySchemaRegistry();
    for (var schema :
        List.of(
            VisitorEvent.getClassSchema(),
            DuplicateReport.getClassSchema(),
            ConflictReport.getClassSchema(),
            DeadLetter.getClassSchema())) {
      registry.register("shared", schema);
    }
    return registry;
  }

  private String fill(DedupeInput.Keys keys, String topic, int count) {
    Map<String, Object> settings =
        Map.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
            bootstrap,
            ProducerConfig.LINGER_MS_CONFIG,
            20,
            ProducerConfig.BATCH_SIZE_CONFIG,
            128 << 10,
            // A topic that was made a moment ago may refuse the first batch and take the next.
            ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION,
            1);
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      return "%.0f".formatted(new DedupeInput(keys, count, registry).fill(producer, topic));
    }
  }

  /** Reads a topic to its end; seconds and seconds of CPU that it took. */
  private String drain(String prefix, String run) throws Exception {
    FirstPoll.at.set(0);
    return running(
        prefix,
        run,
        streams -> {},
        () -> {
          try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            awaitDrained(admin, run, Contender.input(config(prefix)));
          }
          return "%.3f %.3f"
              .formatted(
                  (System.nanoTime() - FirstPoll.at.get()) / 1e9,
                  (cpuNanos() - FirstPoll.cpu.get()) / 1e9);
        });
  }

  /** Loses the local state of a run and builds it again; entries, and seconds that it took. */
  private String restore(String prefix, String run) throws Exception {
    Bench.delete(folder.resolve(run).resolve(run));
    Restoring restoring = new Restoring();
    return running(
        prefix,
        run,
        streams -> streams.setGlobalStateRestoreListener(restoring),
        () -> "%d %.3f".formatted(restoring.entries.get(), restoring.seconds()));
  }

  /** Starts the contender, waits until it runs, and stops it when the work is done. */
  private String running(
      String prefix, String run, Consumer<KafkaStreams> before, Callable<String> work)
      throws Exception {
    VestibuleConfig config = config(prefix);
    try (DeduperParts parts = new DeduperParts(config)) {
      Map<String, Object> settings = new HashMap<>(parts.settings(config, folder.resolve(run)));
      settings.put(StreamsConfig.APPLICATION_ID_CONFIG, run);
      String more = System.getenv("VESTIBULE_BENCH_SETTINGS");
      if (more != null) {
        for (String setting : more.split(",")) {
          settings.put(setting.split("=")[0], setting.split("=")[1]);
        }
      }
      // Peers leave some names to Kafka.
      settings.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, false);
      settings.put(
          StreamsConfig.mainConsumerPrefix(ConsumerConfig.INTERCEPTOR_CLASSES_CONFIG),
          FirstPoll.class.getName());
      CountDownLatch running = new CountDownLatch(1);
      KafkaStreams streams =
          new KafkaStreams(contender.topology(config, registry), new StreamsConfig(settings));
      streams.setStateListener((now, last) -> {
        if (now == KafkaStreams.State.RUNNING) {
          running.countDown();
        }
      });
      streams.setUncaughtExceptionHandler(error -> {
        error.printStackTrace();
        Runtime.getRuntime().halt(1);
        throw new IllegalStateException(error);
      });
      before.accept(streams);
      try {
        streams.start();
        if (!running.await(DRAINED_WITHIN.toSeconds(), TimeUnit.SECONDS)) {
          throw new IllegalStateException(contender + " does not start");
        }
        return work.call();
      } finally {
        streams.close(Duration.ofSeconds(30));
      }
    }
  }

  private static long cpuNanos() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
  }

  /**
   * Until the group has committed its input to the end, and its own internal topics but for the
   * markers of the last transactions.
   */
  private static void awaitDrained(Admin admin, String group, String input)
      throws InterruptedException, ExecutionException {
    long deadline = System.nanoTime() + DRAINED_WITHIN.toNanos();
    while (System.nanoTime() < deadline) {
      Map<TopicPartition, OffsetAndMetadata> committed =
          admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
      var ends =
          admin
              .listOffsets(
                  committed.keySet().stream()
                      .collect(Collectors.toMap(partition -> partition, p -> OffsetSpec.latest())))
              .all()
              .get();
      long behind =
          ends.entrySet().stream()
              .filter(end ->
                  end.getValue().offset()
                          - Objects.requireNonNull(committed.get(end.getKey()), "committed")
                              .offset()
                      > (end.getKey().topic().equals(input) ? 0 : 3))
              .count();
      if (behind == 0
          && committed.keySet().stream().filter(p -> p.topic().equals(input)).count()
              == partitions(admin, input)) {
        return;
      }
      Thread.sleep(LOOK_EVERY_MILLIS);
    }
    throw new IllegalStateException(group + " did not reach the end of its input");
  }

  private static int partitions(Admin admin, String topic)
      throws InterruptedException, ExecutionException {
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

  /** Tells when the first records came in: joining the group and making topics is not counted. */
  public static final class FirstPoll implements ConsumerInterceptor<byte[], byte[]> {
    private static final AtomicLong at = new AtomicLong();
    private static final AtomicLong cpu = new AtomicLong();

    public FirstPoll() {}

    @Override
    public ConsumerRecords<byte[], byte[]> onConsume(ConsumerRecords<byte[], byte[]> records) {
      if (!records.isEmpty() && at.compareAndSet(0, System.nanoTime())) {
        cpu.set(cpuNanos());
      }
      return records;
    }

    @Override
    public void onCommit(Map<TopicPartition, OffsetAndMetadata> offsets) {}

    @Override
    public void close() {}

    @Override
    public void configure(Map<String, ?> configs) {}
  }

  /** Adds up what is restored, and how long from the first start to the last end. */
  private static final class Restoring implements StateRestoreListener {
    private final AtomicLong entries = new AtomicLong();
    private final AtomicLong started = new AtomicLong();
    private final AtomicLong ended = new AtomicLong();

    double seconds() {
      return (ended.get() - started.get()) / 1e9;
    }

    @Override
    public void onRestoreStart(TopicPartition partition, String store, long from, long to) {
      started.compareAndSet(0, System.nanoTime());
    }

    @Override
    public void onBatchRestored(TopicPartition partition, String store, long end, long count) {
      entries.addAndGet(count);
    }

    @Override
    public void onRestoreEnd(TopicPartition partition, String store, long total) {
      ended.set(System.nanoTime());
    }
  }

  private VestibuleConfig config(String prefix) {
    return new VestibuleConfig(
        new IdentityConfig(Path.of("identity.key"), Path.of("credential.key")),
        Map.of(),
        Map.of(),
        Map.of("bootstrap.servers", bootstrap, "num.stream.threads", "2"),
        new RegistryConfig(null, null, null),
        new TopicsConfig(prefix, (short) 1, Map.of(), Map.of()),
        new IngressConfig("127.0.0.1", 0, "127.0.0.1", 0, 1 << 20));
  }
}
