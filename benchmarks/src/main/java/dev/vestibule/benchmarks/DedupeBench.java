package dev.vestibule.benchmarks;

import dev.vestibule.benchmarks.DedupeInput.Keys;
import dev.vestibule.config.TopicsConfig;
import dev.vestibule.contract.Topics;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.serde.AvroDeserializer;
import dev.vestibule.standalone.broker.TopicSetup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * The deduper beside its peers, on one broker, over the same records: how long each takes to drain
 * a filled topic, exactly once, with two threads. The broker and every contender have a JVM of
 * their own, which has seen its work before it is measured; they take turns, and a ratio is the
 * median of the ratios within each round.
 *
 * <p>A peer knows one key per event. Ours is compared with it twice: with one key, and with two
 * keys against the peer's one.
 */
final class DedupeBench {
  private static final TopicsConfig ONE = topics("one.");
  private static final TopicsConfig TWO = topics("two.");
  private static final TopicsConfig WARM_UP = topics("warm.");
  private static final List<String> OUTPUTS =
      List.of(
          Topics.EVENTS,
          Topics.EVENTS_HEALTH,
          Topics.EVENTS_RESTRICTED,
          Topics.DUPLICATES,
          Topics.CONFLICTS,
          Topics.DEAD_LETTERS);

  /** Measured without a broker, after the race. */
  private static final String STATE = "state";

  private static final int STATE_KEYS = 5_000_000;
  private static final int STATE_PARTITIONS = 64;

  private final int count;
  private final int rounds;

  /**
   * @param count records per run
   * @param rounds runs of each contender
   */
  DedupeBench(int count, int rounds) {
    this.count = count;
    this.rounds = rounds;
  }

  Report run(Path folder) throws IOException, InterruptedException, ExecutionException {
    Report report = new Report("dedupe");
    report.figure("records", count);
    report.figure("rounds", rounds);
    String only = System.getenv("VESTIBULE_BENCH_ONLY");
    if (!STATE.equals(only)) {
      race(report, folder, only);
    }
    if (only == null || STATE.equals(only)) {
      state(report, folder.resolve(STATE));
    }
    return report;
  }

  private void race(Report report, Path folder, @Nullable String only)
      throws IOException, InterruptedException, ExecutionException {
    try (Worker broker = Worker.start("broker", folder.resolve("broker"))) {
      String bootstrap = broker.firstLine();
      List<Entry> entries =
          List.of(
              new Entry("pass_through", Contender.PASS_THROUGH, ONE),
              new Entry("ours_one_key", Contender.OURS, ONE),
              new Entry("range_fetch", Contender.RANGE_FETCH, ONE),
              new Entry("kstreamplify", Contender.KSTREAMPLIFY, ONE),
              new Entry("ours_two_keys", Contender.OURS, TWO));
      if (only != null) {
        entries = entries.stream().filter(entry -> only.contains(entry.name)).toList();
      }
      Map<Entry, Worker> workers = new LinkedHashMap<>();
      try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
        for (Entry entry : entries) {
          workers.put(
              entry,
              Worker.start(
                  entry.contender.name(), folder.resolve(entry.name).toString(), bootstrap));
        }
        for (Worker worker : workers.values()) {
          worker.firstLine();
        }
        boolean two = entries.stream().anyMatch(entry -> entry.topics.equals(TWO));
        fill(report, admin, workers.values().iterator().next(), two);
        Map<String, List<Run>> runs = measure(report, admin, bootstrap, workers, broker);
        judge(report, runs);
      } finally {
        workers.values().forEach(Worker::close);
      }
    }
  }

  private void fill(Report report, Admin admin, Worker worker, boolean two) throws IOException {
    int warmUp = Math.max(100_000, count / 10);
    for (TopicsConfig topics : two ? List.of(WARM_UP, ONE, TWO) : List.of(WARM_UP, ONE)) {
      int records = topics.equals(WARM_UP) ? warmUp : count;
      Keys keys = topics.equals(TWO) ? Keys.TWO : Keys.ONE;
      new TopicSetup(topics, TopicSetup.Scale.EMBEDDED).apply(admin);
      progress(
          "making "
              + records
              + " records with "
              + keys.name().toLowerCase(Locale.ROOT)
              + " key(s)");
      double bytes =
          Double.parseDouble(
              worker.ask(
                  "fill " + keys + " " + topics.prefix() + Topics.NORMALIZED + " " + records));
      report.figure("value_bytes_" + topics.prefix().replace(".", ""), bytes);
    }
  }

  private Map<String, List<Run>> measure(
      Report report, Admin admin, String bootstrap, Map<Entry, Worker> workers, Worker broker)
      throws IOException, InterruptedException, ExecutionException {
    Map<String, List<Run>> runs = new LinkedHashMap<>();
    List<Entry> order = new ArrayList<>(workers.keySet());
    for (Entry entry : order) {
      progress("warming up " + entry.name);
      worker(workers, entry).ask("drain " + WARM_UP.prefix() + " " + entry.name + "-warm");
      reset(admin, WARM_UP, entry.name + "-warm");
    }
    for (int round = 1; round <= rounds; round++) {
      for (Entry entry : order) {
        String id = entry.name + "-" + round;
        double brokerCpu = broker.cpuSeconds();
        String[] answer =
            worker(workers, entry).ask("drain " + entry.topics.prefix() + " " + id).split(" ");
        Run run =
            new Run(
                Double.parseDouble(answer[0]),
                Double.parseDouble(answer[1]),
                broker.cpuSeconds() - brokerCpu);
        runs.computeIfAbsent(entry.name, name -> new ArrayList<>()).add(run);
        progress(
            "round %d: %s %.1f s, %.0f records/s, CPU %.1f s and %.1f s of the broker"
                .formatted(
                    round, entry.name, run.seconds, count / run.seconds, run.cpu, run.brokerCpu));
        if (round == rounds) {
          audit(report, admin, bootstrap, entry);
          if (entry.contender == Contender.OURS) {
            restore(report, worker(workers, entry), entry, id);
          }
        }
        reset(admin, entry.topics, id);
      }
      // Whoever came first comes last.
      Collections.reverse(order);
    }
    return runs;
  }

  private static Worker worker(Map<Entry, Worker> workers, Entry entry) {
    return Objects.requireNonNull(workers.get(entry), "every entry has a worker");
  }

  private static void restore(Report report, Worker worker, Entry entry, String run)
      throws IOException {
    String[] answer = worker.ask("restore " + entry.topics.prefix() + " " + run).split(" ");
    report.figure("restored_entries_" + entry.name, Double.parseDouble(answer[0]));
    report.figure(
        "restored_per_s_" + entry.name,
        Double.parseDouble(answer[0]) / Double.parseDouble(answer[1]));
  }

  /** What the state takes, measured without a broker. */
  private void state(Report report, Path folder) throws IOException {
    progress("writing " + STATE_KEYS + " keys to the stores");
    try (Worker worker = Worker.start(STATE, folder)) {
      worker.firstLine();
      Map<String, Double> bytes = figures(worker.ask("bytes " + STATE_KEYS));
      bytes.forEach((name, value) -> report.figure("bytes-per-key_" + name, value));
      report.goal("bytes-per-key", bytes.getOrDefault("all", Double.NaN), 48, false);
    }
    progress("opening the stores of " + STATE_PARTITIONS + " partitions");
    // A process of its own: what the first one has freed would count as room for the second.
    try (Worker worker = Worker.start(STATE, folder)) {
      worker.firstLine();
      figures(worker.ask("memory " + STATE_PARTITIONS)).forEach(report::figure);
    }
  }

  private static Map<String, Double> figures(String line) {
    Map<String, Double> figures = new LinkedHashMap<>();
    for (String figure : line.strip().split(" ")) {
      int equals = figure.indexOf('=');
      figures.put(figure.substring(0, equals), Double.valueOf(figure.substring(equals + 1)));
    }
    return figures;
  }

  /** Every first copy once and nothing else, or everything where nothing is deduplicated. */
  private void audit(Report report, Admin admin, String bootstrap, Entry entry)
      throws InterruptedException, ExecutionException {
    int expected = entry.contender == Contender.PASS_THROUGH ? count : DedupeInput.distinct(count);
    int events = 0;
    Set<@Nullable String> ids = new HashSet<>();
    Deserializer<VisitorEvent> values =
        new AvroDeserializer<>(VisitorEvent.class, DedupeWorker.schemas());
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers", bootstrap,
                "isolation.level", "read_committed",
                "auto.offset.reset", "earliest",
                "enable.auto.commit", "false"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          Stream.of(Topics.EVENTS, Topics.EVENTS_HEALTH)
              .flatMap(topic -> consumer.partitionsFor(entry.topics.prefix() + topic).stream())
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      // The whole log: its stable part may lack the last transaction's markers for a moment.
      Map<TopicPartition, ListOffsetsResultInfo> ends =
          admin
              .listOffsets(
                  partitions.stream()
                      .collect(Collectors.toMap(partition -> partition, _ -> OffsetSpec.latest())))
              .all()
              .get();
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue().offset())) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          events++;
          VisitorEvent event = values.deserialize(record.topic(), record.value());
          ids.add(event == null ? null : event.getEventId());
        }
      }
    }
    report.figure("events_" + entry.name, events);
    if (events != expected || ids.size() != DedupeInput.distinct(count)) {
      throw new IllegalStateException(
          "%s: %d events with %d ids, expected %d with %d"
              .formatted(entry.name, events, ids.size(), expected, DedupeInput.distinct(count)));
    }
  }

  private static void reset(Admin admin, TopicsConfig topics, String run)
      throws InterruptedException, ExecutionException {
    Set<String> gone =
        admin.listTopics().names().get().stream()
            .filter(name ->
                name.startsWith(run + "-")
                    || OUTPUTS.stream().anyMatch(output -> name.equals(topics.prefix() + output)))
            .collect(Collectors.toSet());
    admin.deleteTopics(gone).all().get();
    // A topic that is still listed would not be made again.
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!Collections.disjoint(admin.listTopics().names().get(), gone)) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("topics of " + run + " are still there after 30 s");
      }
      Thread.sleep(50);
    }
    new TopicSetup(topics, TopicSetup.Scale.EMBEDDED).apply(admin);
  }

  private void judge(Report report, Map<String, List<Run>> runs) {
    runs.forEach((name, list) -> {
      report.figure("records_per_s_" + name, count / median(list, Run::seconds));
      report.figure("cpu_us_" + name, 1e6 * median(list, Run::cpu) / count);
      report.figure("broker_cpu_us_" + name, 1e6 * median(list, Run::brokerCpu) / count);
    });
    report.figure("range-fetch", ratio(runs, "range_fetch", "ours_one_key"));
    report.goal("kstreamplify", ratio(runs, "kstreamplify", "ours_one_key"), 2.2, true);
    report.goal("kstreamplify-two-keys", ratio(runs, "kstreamplify", "ours_two_keys"), 1.5, true);
    report.goal("pass-through", ratio(runs, "pass_through", "ours_one_key"), 0.6, true);
  }

  /** How many times as fast the second is. */
  private double ratio(Map<String, List<Run>> runs, String first, String second) {
    List<Run> firsts = runs.get(first);
    List<Run> seconds = runs.get(second);
    if (firsts == null || seconds == null) {
      return Double.NaN;
    }
    double[] ratios = new double[rounds];
    Arrays.setAll(ratios, round -> firsts.get(round).seconds / seconds.get(round).seconds);
    return Report.median(ratios);
  }

  private static double median(List<Run> runs, ToDoubleFunction<Run> of) {
    return Report.median(runs.stream().mapToDouble(of).toArray());
  }

  private static TopicsConfig topics(String prefix) {
    return new TopicsConfig(prefix, (short) 1, Map.of(), Map.of());
  }

  private static void progress(String text) {
    System.err.println("bench dedupe: " + text);
  }

  private record Entry(String name, Contender contender, TopicsConfig topics) {}

  private record Run(double seconds, double cpu, double brokerCpu) {}

  /** A {@link DedupeWorker} in its own JVM, with the options of a service. */
  private record Worker(Process process, Path errors) implements AutoCloseable {
    static Worker start(String role, Path folder) throws IOException {
      return start(role, folder.toString(), "");
    }

    static Worker start(String role, String folder, String bootstrap) throws IOException {
      Files.createDirectories(Path.of(folder));
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(
          List.of(
              "-Xmx512m",
              "--enable-native-access=ALL-UNNAMED",
              "--sun-misc-unsafe-memory-access=allow",
              "-cp",
              System.getProperty("java.class.path")));
      String more = System.getenv("VESTIBULE_BENCH_OPTS");
      if (more != null && !more.isBlank()) {
        command.addAll(
            1, List.of(more.replace("%r", Path.of(folder).getFileName().toString()).split(" ")));
      }
      command.addAll(List.of(DedupeWorker.class.getName(), role, folder, bootstrap));
      Path errors = Path.of(folder, "errors.log");
      return new Worker(new ProcessBuilder(command).redirectError(errors.toFile()).start(), errors);
    }

    String firstLine() throws IOException {
      String line = process.inputReader().readLine();
      if (line == null) {
        throw new IOException("a process ended early:\n" + Files.readString(errors));
      }
      return line;
    }

    String ask(String command) throws IOException {
      process.outputWriter().append(command).append('\n').flush();
      return firstLine();
    }

    double cpuSeconds() {
      return process.info().totalCpuDuration().orElse(Duration.ZERO).toMillis() / 1000.0;
    }

    /** Closing its stdin ends it. */
    @Override
    public void close() {
      try {
        process.outputWriter().close();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
          process.destroyForcibly();
        }
      } catch (IOException e) {
        process.destroyForcibly();
      } catch (InterruptedException e) {
        process.destroyForcibly();
        Thread.currentThread().interrupt();
      }
    }
  }
}
