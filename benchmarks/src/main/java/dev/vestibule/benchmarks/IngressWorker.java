package dev.vestibule.benchmarks;

import dev.vestibule.config.ConfigLoader;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.ingress.IngressApplication;
import dev.vestibule.ingress.IngressParts;
import dev.vestibule.ingress.publish.Publisher;
import dev.vestibule.ingress.publish.RawRecord;
import dev.vestibule.ingress.publish.Receipt;
import dev.vestibule.serde.InMemorySchemaRegistry;
import dev.vestibule.service.ServiceContext;
import dev.vestibule.service.ServiceMeters;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.tools.ProducerPerformance;

/**
 * One process of {@code bench ingress}: the ingress that answers without Kafka, or Kafka's own
 * producer. Ends when stdin does.
 */
final class IngressWorker {
  private static final Pattern RATE = Pattern.compile("records sent, ([0-9.]+) records/sec");

  private IngressWorker() {}

  /** Arguments: {@code verify CONFIG}, or {@code producer BOOTSTRAP TOPIC BYTES}. */
  public static void main(String[] args) throws Exception {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    switch (args[0]) {
      case "verify" -> verify(Path.of(args[1]), in);
      case "producer" -> {
        System.out.println("started");
        for (String line = in.readLine(); line != null; line = in.readLine()) {
          System.out.println(produce(args[1], args[2], args[3], line));
        }
      }
      default -> throw new IllegalArgumentException(args[0]);
    }
  }

  private static void verify(Path file, BufferedReader in) throws Exception {
    Path folder = file.resolveSibling("verify");
    VestibuleConfig config = ConfigLoader.load(file, folder, Map.of());
    ServiceContext context =
        new ServiceContext(
            config,
            new IdentityKey(new byte[32]),
            null,
            folder,
            new InMemorySchemaRegistry(),
            ServiceMeters.create(),
            InstantSource.system());
    try (IngressApplication ingress = IngressParts.start(context, new AtOnce())) {
      System.out.println("started ingress ingress=http://127.0.0.1:" + ingress.port());
      in.readLine();
    }
  }

  /** Records per second, as Kafka's own tool says. */
  private static String produce(String bootstrap, String topic, String bytes, String count)
      throws Exception {
    PrintStream out = System.out;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    try (PrintStream capture = new PrintStream(said, true, StandardCharsets.UTF_8)) {
      System.setOut(capture);
      ProducerPerformance.main(
          new String[] {
            "--topic",
            topic,
            "--num-records",
            count,
            "--record-size",
            bytes,
            "--throughput",
            "-1",
            "--producer-props",
            "bootstrap.servers=" + bootstrap,
            "acks=all"
          });
    } finally {
      System.setOut(out);
    }
    // The last line is the whole run.
    Matcher matcher = RATE.matcher(said.toString(StandardCharsets.UTF_8));
    String rate = "";
    while (matcher.find()) {
      rate = matcher.group(1);
    }
    return rate;
  }

  /** A Kafka that takes no time at all. */
  private static final class AtOnce implements Publisher {
    private final AtomicLong offset = new AtomicLong();

    @Override
    public CompletableFuture<Receipt> publish(RawRecord record) {
      return CompletableFuture.completedFuture(
          new Receipt.InKafka(record.topic(), 0, offset.getAndIncrement()));
    }

    @Override
    public boolean reachable() {
      return true;
    }

    @Override
    public void close() {}
  }
}
