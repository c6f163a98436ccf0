package dev.vestibule.benchmarks;

import dev.vestibule.config.Secret;
import dev.vestibule.contract.Topics;
import dev.vestibule.contract.Vendor;
import dev.vestibule.events.Decision;
import dev.vestibule.events.DecisionPhase;
import dev.vestibule.serde.AvroDeserializer;
import dev.vestibule.serde.HttpSchemaRegistry;
import dev.vestibule.standalone.registry.EmbeddedRegistry;
import dev.vestibule.standalone.simulator.VendorSigner;
import dev.vestibule.standalone.simulator.Webhook;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How long a visitor at the door waits: calls at a steady rate, each about another visitor, to an
 * ingress with many policies, all of which are asked, and a long watchlist. Every second visitor is
 * approved, which is answered once the decision is in Kafka; the others are for a person to look
 * at, which is answered at once: the same work without the write.
 */
final class DecideBench {
  private static final int CONNECTIONS = 64;
  private static final int POLICIES = 50;
  private static final String SOURCE = "door";
  private static final String PATH = "/hooks/" + SOURCE + "/screen";
  private static final Secret SECRET = new Secret("bench-secret");
  private static final VendorSigner SIGNER = VendorSigner.forVendor(Vendor.ENVOY, SECRET);
  private static final Duration KNOWN_WITHIN = Duration.ofMinutes(3);

  private final int perSecond;
  private final Duration length;
  private final Duration warmUp;
  private final int entries;
  private final Latencies approved = new Latencies();
  private final Latencies reviewed = new Latencies();
  private long wrong;

  /**
   * @param entries of the watchlist
   */
  DecideBench(int perSecond, Duration length, Duration warmUp, int entries) {
    this.perSecond = perSecond;
    this.length = length;
    this.warmUp = warmUp;
    this.entries = entries;
  }

  Report run(Path folder) throws IOException, InterruptedException {
    try (BrokerAndIngress rig =
            new BrokerAndIngress(
                folder,
                "%s: { vendor: envoy, secrets: [\"%s\"], screen: { default-outcome: approve } }"
                    .formatted(SOURCE, SECRET.reveal()));
        EmbeddedRegistry registry =
            EmbeddedRegistry.start(
                Map.of("bootstrap.servers", rig.bootstrap()), "127.0.0.1", rig.registryPort())) {
      publish(folder, rig.config());
      long begin = System.nanoTime();
      vestibule(
          folder,
          "watchlist",
          List.of("import", watchlist(folder).toString(), "--config", rig.config().toString()));
      double imported = (System.nanoTime() - begin) / 1e9;
      begin = System.nanoTime();
      rig.startIngress();
      long asked = awaitKnowledge(rig);
      double known = (System.nanoTime() - begin) / 1e9;
      BrokerAndIngress.Memory memory = rig.memory();
      Thread watching = Thread.ofVirtual().start(memory);
      long sent;
      try (OpenLoad load = new OpenLoad(rig.port(), CONNECTIONS, DecideBench::request)) {
        System.err.println("bench decide: warming up for " + warmUp.toSeconds() + " s");
        sent = load.run(perSecond, warmUp, this::counted);
        approved.clear();
        reviewed.clear();
        System.err.println("bench decide: measuring for " + length.toSeconds() + " s");
        sent += load.run(perSecond, length, this::counted);
      }
      watching.interrupt();
      watching.join();
      Report report = new Report("decide");
      report.goal("p99-rules", reviewed.millis(0.99), 5, false);
      report.goal("p99-audited", approved.millis(0.99), 15, false);
      report.goal("wrong", (double) wrong, 0, false);
      report.goal("unrecorded", (double) unrecorded(rig, registry.url(), asked + sent), 0, false);
      figures(report, "rules", reviewed);
      figures(report, "audited", approved);
      report.figure("per_s", (approved.count() + reviewed.count()) / (double) length.toSeconds());
      report.figure("entries", entries);
      report.figure("policies", POLICIES);
      report.figure("connections", CONNECTIONS);
      report.figure("import_s", imported);
      report.figure("known_after_s", known);
      report.figure("memory_mb", (double) memory.peak());
      report.figure("seconds", (double) length.toSeconds());
      return report;
    }
  }

  private static void figures(Report report, String name, Latencies latencies) {
    report.figure(name + "_p50_ms", latencies.millis(0.5));
    report.figure(name + "_p99_ms", latencies.millis(0.99));
    report.figure(name + "_p999_ms", latencies.millis(0.999));
  }

  /** A visitor with an even number is approved by nobody's objection, the others by nobody. */
  private static boolean approves(long number) {
    return number % 2 == 0;
  }

  private void counted(long number, int status, @Nullable String receipt, long nanos) {
    if (status != (approves(number) ? 200 : 412)) {
      wrong++;
    } else if (status == 200) {
      approved.add(nanos);
    } else {
      reviewed.add(nanos);
    }
  }

  private static byte[] request(long number) {
    Webhook webhook =
        SIGNER.sign(
            body(
                number,
                name(new Random(-number - 1), "bdgmpvz"),
                approves(number) ? "Meeting" : "Interview"),
            "job-" + number,
            Instant.now());
    return BrokerAndIngress.post(PATH, webhook);
  }

  private static byte[] body(long number, String name, String purpose) {
    return """
    {"meta":{"event":"entry_sign_in","plugin_id":"p-1","install_id":1000000,"config":{},
      "job":{"id":"%1$d","name":"entry_sign_in","identifier":"vr:entry:%1$d"},
      "location":{"id":"143","attributes":{"name":"HQ","timezone":"Europe/Berlin"}}},
     "payload":{"id":"%1$d","type":"entries","attributes":{"full-name":"%2$s","host":"Sam Host",
      "host-email":"sam.host@example.com","email":"%3$s@example.com","phone-number":"+49 30 %1$d",
      "signed-in-at":"2026-03-02 10:00:00","user-data":[
       {"field":"Purpose of visit","value":"%4$s"},{"field":"Company","value":"Example %1$d"}]},
      "relationships":{"location":{"data":{"type":"locations","id":"143"}}}}}
    """
        .formatted(number, name, name.toLowerCase(Locale.ROOT).replace(' ', '.'), purpose)
        .getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Two words.
   *
   * @param consonants those of visitors are none of the list's, so that nobody is like anybody on
   *     it
   */
  private static String name(Random random, String consonants) {
    return word(random, consonants) + ' ' + word(random, consonants);
  }

  private static String word(Random random, String consonants) {
    StringBuilder word = new StringBuilder();
    for (int i = 0; i < 3; i++) {
      word.append(consonants.charAt(random.nextInt(consonants.length())));
      word.append("aeiou".charAt(random.nextInt(5)));
    }
    word.setCharAt(0, Character.toUpperCase(word.charAt(0)));
    return word.append(consonants.charAt(random.nextInt(consonants.length()))).toString();
  }

  /**
   * Forty-nine that match nobody, and last the one that wants to see who comes for an interview.
   */
  private static void publish(Path folder, Path config) throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(List.of("publish"));
    Path policies = Files.createDirectories(folder.resolve("policies"));
    for (int i = 1; i <= POLICIES; i++) {
      Objection objection = Objection.of(i);
      Path file = policies.resolve("p" + i + ".yml");
      Files.writeString(
          file,
          """
          id: p%1$d
          version: 1
          order: %1$d
          when: >-
            %2$s
          outcome: REVIEW
          message: policy %1$d
          examples:
            - { name: yes, input: %3$s, matches: true }
            - { name: no, input: { host: { name: Nobody }, entry: { answers: {} }, time: { hour: 1 } }, matches: false }
          """
              .formatted(i, objection.when, objection.example));
      arguments.add(file.toString());
    }
    arguments.addAll(List.of("--config", config.toString()));
    vestibule(folder, "policies", arguments);
  }

  /**
   * @param example whom it is about
   */
  private record Objection(String when, String example) {
    static Objection of(int i) {
      if (i == POLICIES) {
        return new Objection(
            "has(entry.purpose) && entry.purpose == 'Interview'",
            "{ entry: { purpose: Interview } }");
      }
      String[] parts =
          switch (i % 4) {
            case 0 ->
                new String[] {
                  "has(visitor.email) && visitor.email.lowerAscii().endsWith('@%d.test')",
                  "{ visitor: { email: jo@%d.test } }"
                };
            case 1 ->
                new String[] {
                  "has(host.name) && host.name == 'Host %d' && time.hour >= 0",
                  "{ host: { name: Host %d }, time: { hour: 3 } }"
                };
            case 2 ->
                new String[] {
                  "has(visitor.company) && visitor.company.matches('^Acme %d( GmbH)?$')",
                  "{ visitor: { company: Acme %d } }"
                };
            default ->
                new String[] {
                  "entry.answers.exists(q, q == 'Door %d' || entry.answers[q] == 'Door')",
                  "{ entry: { answers: { Door %d: x } } }"
                };
          };
      return new Objection(parts[0].formatted(i), parts[1].formatted(i));
    }
  }

  private Path watchlist(Path folder) throws IOException {
    Path file = folder.resolve("watchlist.csv");
    Random random = new Random(1);
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      out.write("id,name,email,phone,company\n");
      for (int i = 0; i < entries; i++) {
        out.write("w%d,%s,".formatted(i, name(random, "cfhklnrstwxq")));
        out.write(i % 2 == 0 ? "w%d@example.org,".formatted(i) : ",");
        out.write(i % 3 == 0 ? "+49 40 %d,".formatted(1_000_000 + i) : ",");
        out.write(i % 10 == 0 ? "Company %d\n".formatted(i) : "\n");
      }
    }
    return file;
  }

  private static void vestibule(Path folder, String command, List<String> arguments)
      throws IOException, InterruptedException {
    System.err.println("bench decide: " + command + " " + arguments.getFirst());
    List<String> words = new ArrayList<>(UpProcess.launcher());
    words.add(command);
    words.addAll(arguments);
    int code =
        new ProcessBuilder(words)
            .directory(folder.toFile())
            .redirectOutput(folder.resolve(command + ".log").toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start()
            .waitFor();
    if (code != 0) {
      throw new IOException(
          command + " failed: " + Files.readString(folder.resolve(command + ".log")));
    }
  }

  /**
   * Until then everybody is for a person to look at.
   *
   * @return how many asked
   */
  private static long awaitKnowledge(BrokerAndIngress rig)
      throws IOException, InterruptedException {
    System.err.println("bench decide: the ingress reads policies and watchlist");
    long deadline = System.nanoTime() + KNOWN_WITHIN.toNanos();
    int[] status = new int[1];
    long asked = 0;
    while (status[0] != 200) {
      if (System.nanoTime() - deadline > 0) {
        throw new IOException("nobody was approved: the last answer was " + status[0]);
      }
      long number = (1L << 40) + 2 * asked;
      try (OpenLoad one = new OpenLoad(rig.port(), 1, _ -> request(number))) {
        asked += one.run(1, Duration.ofSeconds(1), (_, got, _, _) -> status[0] = got);
      }
      Thread.sleep(Duration.ofMillis(50));
    }
    return asked;
  }

  /** Calls of which no decision was written down. */
  private static long unrecorded(BrokerAndIngress rig, String url, long sent)
      throws InterruptedException {
    long missing = sent;
    long deadline = System.nanoTime() + BrokerAndIngress.PATIENCE.toNanos();
    AvroDeserializer<Decision> reader =
        new AvroDeserializer<>(Decision.class, new HttpSchemaRegistry(url, null));
    while (missing > 0 && System.nanoTime() - deadline < 0) {
      Set<String> decided = new HashSet<>();
      rig.read(
          Topics.DECISIONS,
          record -> {
            Decision decision = reader.deserialize(record.topic(), record.value());
            if (decision != null && decision.getPhase() == DecisionPhase.DECIDED) {
              decided.add(decision.getRequestId());
            }
          });
      missing = sent - decided.size();
    }
    return missing;
  }
}
