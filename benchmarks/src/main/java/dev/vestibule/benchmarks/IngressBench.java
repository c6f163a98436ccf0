package dev.vestibule.benchmarks;

import dev.vestibule.config.ConfigLoader;
import dev.vestibule.config.SourceConfig;
import dev.vestibule.config.TopicsConfig;
import dev.vestibule.standalone.broker.TopicSetup;
import dev.vestibule.standalone.broker.TopicSetup.Scale;
import dev.vestibule.standalone.simulator.VendorSigner;
import dev.vestibule.standalone.simulator.Webhook;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.jspecify.annotations.Nullable;

/**
 * How many signed webhooks per second the ingress takes until Kafka has acknowledged each, beside
 * what limits it: the same server without Kafka, and Kafka's own producer without a server. And
 * beside Apache Camel, which does the same. All stay up and take turns; the order turns round after
 * every round, and a ratio is the median of the ratios within one round.
 */
final class IngressBench {
  private static final int BODY_BYTES = 868;
  private static final int REQUESTS = 4096;
  private static final int MANY = 128;
  private static final List<Integer> CONNECTIONS = List.of(32, MANY);
  private static final String SOURCE = "hq-curacel";
  private static final String PATH = "/hooks/" + SOURCE;
  private static final String SECRET = "bench-secret-of-a-usual-length-0123456789";

  /** As many as the plan gives to a raw topic where one machine runs everything. */
  private static final int PARTITIONS = 4;

  private static final Pattern INGRESS = Pattern.compile("ingress=(http://\\S+)");

  private enum Contender {
    /** {@code vestibule ingress}, as it is shipped. */
    OURS,
    /** The same server, where Kafka takes no time. */
    VERIFY,
    CAMEL,
    /** Fastify and a Kafka client written in JavaScript; where Node is installed. */
    FASTIFY
  }

  /**
   * What one contender did in one run.
   *
   * @param cpuMicros processor time of the contender for one request
   */
  private record Run(HttpLoad.Result load, double cpuMicros, double brokerMicros) {
    double perSecond() {
      return load.perSecond();
    }
  }

  /** All runs with one number of connections, one of each kind per round. */
  private record Runs(int connections, Map<Contender, List<Run>> of) {
    List<Run> all(Contender contender) {
      return of.computeIfAbsent(contender, _ -> new ArrayList<>());
    }

    /** Requests per second; not a number for who does not take part. */
    double rate(Contender contender, int round) {
      List<Run> runs = all(contender);
      return runs.isEmpty() ? Double.NaN : runs.get(round).perSecond();
    }
  }

  private final int rounds;
  private final Duration length;
  private final List<Contender> contenders = contenders();

  /**
   * @param length of each run
   */
  IngressBench(int rounds, Duration length) {
    this.rounds = rounds;
    this.length = length;
  }

  Report run(Path folder) throws IOException, InterruptedException, ExecutionException {
    String own = System.getProperty("java.class.path");
    try (Child broker =
        Child.start(folder, "broker", own, "DedupeWorker", List.of("broker", folder + "/kafka"))) {
      String bootstrap = broker.firstLine();
      Path config = configure(folder, bootstrap);
      createTopics(bootstrap, config);
      int camelPort = Ports.free();
      try (Child ours =
              Child.start(
                  folder,
                  "ours",
                  own,
                  "dev.vestibule.standalone.Vestibule",
                  List.of(
                      "ingress",
                      "--config",
                      config.toString(),
                      "--data-dir",
                      folder + "/data",
                      "--admin-port",
                      "0"));
          Child verify =
              Child.start(
                  folder, "verify", own, "IngressWorker", List.of("verify", config.toString()));
          Child camel =
              Child.start(
                  folder,
                  "camel",
                  camelClassPath(),
                  "camel.CamelIngress",
                  List.of(Integer.toString(camelPort), bootstrap, "bench.camel", SECRET));
          Child producer =
              Child.start(
                  folder,
                  "producer",
                  own + File.pathSeparator + besideClasses("kafka-tools/*"),
                  "IngressWorker",
                  List.of("producer", bootstrap, "bench.producer", "" + BODY_BYTES));
          @Nullable Child fastify =
              contenders.contains(Contender.FASTIFY)
                  ? Child.start(
                      folder,
                      "fastify",
                      List.of(
                          "node",
                          besideClasses("node/server.js"),
                          bootstrap,
                          "bench.fastify",
                          SECRET))
                  : null) {
        Map<Contender, Child> children = new EnumMap<>(Contender.class);
        children.put(Contender.OURS, ours);
        children.put(Contender.VERIFY, verify);
        children.put(Contender.CAMEL, camel);
        Map<Contender, Integer> ports = new EnumMap<>(Contender.class);
        ports.put(Contender.OURS, port(ours.firstLine()));
        ports.put(Contender.VERIFY, port(verify.firstLine()));
        camel.firstLine();
        ports.put(Contender.CAMEL, camelPort);
        producer.firstLine();
        if (fastify != null) {
          children.put(Contender.FASTIFY, fastify);
          ports.put(Contender.FASTIFY, port(fastify.firstLine()));
        }
        return measure(config, broker, children, ports, producer);
      }
    }
  }

  private Report measure(
      Path config,
      Child broker,
      Map<Contender, Child> children,
      Map<Contender, Integer> ports,
      Child producer)
      throws IOException {
    List<byte[]> requests = requests(config);
    Load load = new Load(broker, children, ports, requests);
    load.awaitKafka();
    for (Contender contender : contenders) {
      for (int connections : CONNECTIONS) {
        Run warmUp = load.closed(contender, connections, length.multipliedBy(2));
        progress("warm-up", contender, connections, warmUp);
      }
    }
    double warm = Double.parseDouble(producer.ask("500000"));
    String records = "%.0f".formatted(warm * length.toMillis() / 1000);
    List<Double> produced = new ArrayList<>();
    List<Runs> all = new ArrayList<>();
    for (int connections : CONNECTIONS) {
      all.add(new Runs(connections, new EnumMap<>(Contender.class)));
    }
    for (int round = 1; round <= rounds; round++) {
      produced.add(Double.parseDouble(producer.ask(records)));
      System.err.printf(
          "bench ingress: round %d: producer-perf %.0f/s%n", round, produced.getLast());
      for (Contender contender : round % 2 == 0 ? contenders.reversed() : contenders) {
        for (Runs runs : all) {
          Run run = load.closed(contender, runs.connections, length);
          runs.all(contender).add(run);
          progress("round " + round, contender, runs.connections, run);
        }
      }
    }
    Report report = new Report("ingress");
    goals(report, all, produced);
    steady(report, load, peak(all));
    Child ours = Objects.requireNonNull(children.get(Contender.OURS));
    report.goal("memory", ours.peakMegabytes(), 250, false);
    figures(report, all, produced);
    for (Contender contender : contenders) {
      report.figure(
          name(contender) + "_memory_mb",
          Objects.requireNonNull(children.get(contender)).peakMegabytes());
    }
    return report;
  }

  /** The smaller of the ratios with few and with many connections. */
  private void goals(Report report, List<Runs> all, List<Double> produced) {
    double limit = Double.MAX_VALUE;
    double camel = Double.MAX_VALUE;
    for (Runs runs : all) {
      List<Double> ofLimit = new ArrayList<>();
      List<Double> ofCamel = new ArrayList<>();
      List<Double> ofFastify = new ArrayList<>();
      for (int round = 0; round < rounds; round++) {
        double ours = runs.rate(Contender.OURS, round);
        ofLimit.add(ours * (1 / runs.rate(Contender.VERIFY, round) + 1 / produced.get(round)));
        ofCamel.add(ours / runs.rate(Contender.CAMEL, round));
        ofFastify.add(ours / runs.rate(Contender.FASTIFY, round));
      }
      report.figure("limit_" + runs.connections, Report.median(ofLimit));
      report.figure("camel_" + runs.connections, Report.median(ofCamel));
      if (contenders.contains(Contender.FASTIFY)) {
        report.figure("fastify_" + runs.connections, Report.median(ofFastify));
      }
      limit = Math.min(limit, Report.median(ofLimit));
      camel = Math.min(camel, Report.median(ofCamel));
    }
    report.goal("limit", limit, 0.8, true);
    report.goal("camel", camel, 1.5, true);
  }

  private static double peak(List<Runs> all) {
    return all.stream()
        .mapToDouble(runs -> median(runs.all(Contender.OURS), Run::perSecond))
        .max()
        .orElseThrow();
  }

  /** At half the peak, in as many runs as there were rounds. */
  private void steady(Report report, Load load, double peak) throws IOException {
    List<Double> p99 = new ArrayList<>();
    List<Double> p50 = new ArrayList<>();
    progress("warm-up", Contender.OURS, MANY, load.open(Contender.OURS, MANY, peak / 2, length));
    for (int round = 1; round <= rounds; round++) {
      Run run = load.open(Contender.OURS, MANY, peak / 2, length);
      progress("half of the peak", Contender.OURS, MANY, run);
      p50.add(run.load.latencies().millis(0.5));
      p99.add(run.load.latencies().millis(0.99));
    }
    report.goal("p99", Report.median(p99), 5, false);
    report.figure("half_peak_per_s", peak / 2);
    report.figure("half_peak_p50_ms", Report.median(p50));
    report.figure("half_peak_worst_p99_ms", p99.stream().mapToDouble(p -> p).max().orElseThrow());
  }

  private void figures(Report report, List<Runs> all, List<Double> produced) {
    report.figure("body_bytes", BODY_BYTES);
    report.figure("rounds", rounds);
    report.figure("producer_per_s", Report.median(produced));
    for (Runs runs : all) {
      runs.of.forEach((contender, list) -> {
        String name = name(contender) + "_" + runs.connections;
        report.figure(name + "_per_s", median(list, Run::perSecond));
        report.figure(name + "_p50_ms", median(list, run -> run.load.latencies().millis(0.5)));
        report.figure(name + "_p99_ms", median(list, run -> run.load.latencies().millis(0.99)));
        report.figure(name + "_cpu_us", median(list, Run::cpuMicros));
        report.figure(name + "_broker_cpu_us", median(list, Run::brokerMicros));
        report.figure(name + "_load_cpu_us", median(list, run -> run.load.cpuMicros()));
      });
    }
  }

  /** For a profile; we always take part. */
  private static List<Contender> contenders() {
    String only = System.getenv("VESTIBULE_BENCH_ONLY");
    return Stream.of(Contender.values())
        .filter(contender -> contender != Contender.FASTIFY || hasFastify())
        .filter(contender ->
            contender == Contender.OURS
                || only == null
                || List.of(only.split(",")).contains(name(contender)))
        .toList();
  }

  /** The launcher installs it where there is Node. */
  private static boolean hasFastify() {
    boolean installed = Files.isDirectory(Path.of(besideClasses("node/node_modules/fastify")));
    if (!installed) {
      System.err.println("bench ingress: fastify is left out: no Node, or it was not installed");
    }
    return installed;
  }

  private static String name(Contender contender) {
    return contender.name().toLowerCase(Locale.ROOT);
  }

  private static double median(List<Run> runs, ToDoubleFunction<Run> of) {
    return Report.median(runs.stream().mapToDouble(of).toArray());
  }

  private static void progress(String when, Contender contender, int connections, Run run) {
    System.err.printf(
        "bench ingress: %s: %s, %d connections: %.0f/s, p50 %.2f ms, p99 %.2f ms, cpu of one"
            + " request: server %.1f us, broker %.1f us, load %.1f us%n",
        when,
        name(contender),
        connections,
        run.perSecond(),
        run.load.latencies().millis(0.5),
        run.load.latencies().millis(0.99),
        run.cpuMicros,
        run.brokerMicros,
        run.load.cpuMicros());
  }

  /** Sends to one of them, and looks what it costs. */
  private record Load(
      Child broker,
      Map<Contender, Child> children,
      Map<Contender, Integer> ports,
      List<byte[]> requests) {
    private static final int READY_ATTEMPTS = 300;

    private interface Requests {
      HttpLoad.Result send(HttpLoad load) throws IOException;
    }

    Run closed(Contender contender, int connections, Duration length) throws IOException {
      return run(contender, connections, load -> load.closed(length));
    }

    Run open(Contender contender, int connections, double perSecond, Duration length)
        throws IOException {
      return run(contender, connections, load -> load.open(perSecond, length));
    }

    /** The ingress opens its port first, and refuses requests until Kafka has answered it. */
    void awaitKafka() throws IOException {
      for (int attempt = 1; ; attempt++) {
        try {
          var _ = closed(Contender.OURS, 1, Duration.ofMillis(100));
          return;
        } catch (IOException e) {
          if (attempt == READY_ATTEMPTS) {
            throw e;
          }
          LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
        }
      }
    }

    private Run run(Contender contender, int connections, Requests requests) throws IOException {
      Child child = Objects.requireNonNull(children.get(contender));
      int port = Objects.requireNonNull(ports.get(contender));
      try (HttpLoad load = new HttpLoad(port, connections, this.requests)) {
        double cpu = child.cpuSeconds();
        double brokerCpu = broker.cpuSeconds();
        HttpLoad.Result result = requests.send(load);
        double each = 1e6 / result.latencies().count();
        return new Run(
            result, (child.cpuSeconds() - cpu) * each, (broker.cpuSeconds() - brokerCpu) * each);
      }
    }
  }

  /** Those of the plan, too: the ingress itself would not wait long for them. */
  private static void createTopics(String bootstrap, Path config)
      throws InterruptedException, ExecutionException {
    TopicsConfig topics =
        ConfigLoader.load(config, config.resolveSibling("data"), Map.of()).topics();
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      new TopicSetup(topics, Scale.PRODUCTION).apply(admin);
      admin
          .createTopics(
              Stream.of("bench.camel", "bench.producer", "bench.fastify")
                  .map(name -> new NewTopic(name, PARTITIONS, (short) 1))
                  .toList())
          .all()
          .get();
    }
  }

  private static Path configure(Path folder, String bootstrap) throws IOException {
    Files.createDirectories(folder.resolve("data"));
    Files.writeString(folder.resolve("data/identity.key"), "0".repeat(64));
    return Files.writeString(
        folder.resolve("vestibule.yml"),
        """
        vestibule:
          sources: { %s: { vendor: curacel, secrets: ["%s"] } }
          kafka: { bootstrap.servers: "%s"%s }
          topics: { replication: 1, partitions: { visitor.raw.curacel: %d } }
          registry: { url: "http://127.0.0.1:1" }
          ingress: { host: 127.0.0.1, port: 0, admin-port: 0 }
          identity: { key-file: "%s/data/identity.key" }
        """
            .formatted(SOURCE, SECRET, bootstrap, moreSettings(), PARTITIONS, folder));
  }

  private static String moreSettings() {
    String settings = System.getenv("VESTIBULE_BENCH_SETTINGS");
    return settings == null || settings.isBlank()
        ? ""
        : ", " + settings.replace("=", ": ").replace(",", ", ");
  }

  /** Each of another visit. */
  private static List<byte[]> requests(Path config) throws IOException {
    SourceConfig source =
        Objects.requireNonNull(
            ConfigLoader.load(config, config.resolveSibling("data"), Map.of())
                .sources()
                .get(SOURCE));
    VendorSigner signer = VendorSigner.forSource(source);
    List<byte[]> requests = new ArrayList<>();
    for (int i = 0; i < REQUESTS; i++) {
      requests.add(request(i, signer.sign(body(i), "", Instant.now())));
    }
    return requests;
  }

  private static byte[] body(int number) {
    String text =
        """
        {"event":"checkin.outcome","name":"checkin.outcome","data":{"event_id":"%s",\
        "status":"succeeded","auth_type":"OTP","hmo_id":1,"provider_id":10,\
        "enrollee_id":"ENR-%06d","checkin_id":"%d","confirmed_at":"2026-03-02T08:15:30.123456Z",\
        "reason_code":null,"http_status":null,"occurred_at":"2026-03-02T08:15:30.123456Z",\
        "message":\"\
        """
            .formatted(new UUID(0x1234_5678_9abc_7000L, number), number, number);
    String end = "\"}}";
    String filler = "The patient was checked in at the front desk. ".repeat(20);
    return (text + filler.substring(0, BODY_BYTES - text.length() - end.length()) + end)
        .getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] request(int number, Webhook webhook) {
    StringBuilder head = new StringBuilder("POST " + PATH + " HTTP/1.1\r\nHost: localhost\r\n");
    webhook
        .headers()
        .forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    head.append("User-Agent: bench\r\nAccept: */*\r\nX-Request-Key: visit-")
        .append(number)
        .append("\r\nContent-Length: ")
        .append(webhook.body().length)
        .append("\r\n\r\n");
    ByteArrayOutputStream request = new ByteArrayOutputStream();
    request.writeBytes(head.toString().getBytes(StandardCharsets.US_ASCII));
    request.writeBytes(webhook.body());
    return request.toByteArray();
  }

  private static int port(String started) throws IOException {
    Matcher matcher = INGRESS.matcher(started);
    if (!matcher.find()) {
      throw new IOException("no address in: " + started);
    }
    return URI.create(matcher.group(1)).getPort();
  }

  private static String besideClasses(String name) {
    String classes =
        IngressBench.class.getProtectionDomain().getCodeSource().getLocation().getPath();
    return Path.of(classes).resolveSibling(name).toString();
  }

  private static String camelClassPath() {
    Path built = Path.of(besideClasses("classes")).resolve("../../camel/target").normalize();
    return built.resolve("classes") + File.pathSeparator + built.resolve("lib") + "/*";
  }

  /** One of them in a process of its own; a JVM has the options of a service. */
  private record Child(Process process, Path errors) implements AutoCloseable {
    private static final String DEFAULT_OPTIONS =
        "-Xmx512m --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow";

    static Child start(
        Path folder, String role, String classPath, String main, List<String> arguments)
        throws IOException {
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(options("VESTIBULE_BENCH_JVM", DEFAULT_OPTIONS));
      command.addAll(
          options("VESTIBULE_BENCH_OPTS", "").stream()
              .map(option -> option.replace("%r", role))
              .toList());
      command.addAll(List.of("-cp", classPath));
      command.add(main.startsWith("dev.") ? main : "dev.vestibule.benchmarks." + main);
      command.addAll(arguments);
      return start(folder, role, command);
    }

    static Child start(Path folder, String role, List<String> command) throws IOException {
      Path errors = folder.resolve(role + ".log");
      ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
      builder.environment().put("MALLOC_ARENA_MAX", "2");
      // They would be keys of the configuration.
      builder.environment().keySet().removeIf(name -> name.startsWith("VESTIBULE_"));
      return new Child(builder.start(), errors);
    }

    private static List<String> options(String variable, String otherwise) {
      String options = System.getenv(variable);
      return Pattern.compile("\\s+")
          .splitAsStream(options == null ? otherwise : options)
          .filter(option -> !option.isEmpty())
          .collect(Collectors.toList());
    }

    String firstLine() throws IOException {
      String line = process.inputReader().readLine();
      if (line == null) {
        throw new IOException("a process ended early:\n" + Files.readString(errors));
      }
      return line;
    }

    String ask(String question) throws IOException {
      process.outputWriter().append(question).append('\n').flush();
      return firstLine();
    }

    double cpuSeconds() {
      return process.info().totalCpuDuration().orElse(Duration.ZERO).toMillis() / 1000.0;
    }

    /** The most that was ever resident, where the system tells. */
    double peakMegabytes() throws IOException {
      Path status = Path.of("/proc", Long.toString(process.pid()), "status");
      if (!Files.exists(status)) {
        return Double.NaN;
      }
      return Files.readAllLines(status).stream()
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) / 1024)
          .findFirst()
          .orElse(Double.NaN);
    }

    /** Asks it to end. */
    @Override
    public void close() {
      process.destroy();
      try {
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
          process.destroyForcibly();
        }
      } catch (InterruptedException e) {
        process.destroyForcibly();
        Thread.currentThread().interrupt();
      }
    }
  }
}
