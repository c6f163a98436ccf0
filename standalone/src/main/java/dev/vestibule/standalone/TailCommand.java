package dev.vestibule.standalone;

import dev.vestibule.serde.GenericAvroDeserializer;
import dev.vestibule.serde.HttpSchemaRegistry;
import dev.vestibule.serde.RegistryException;
import dev.vestibule.standalone.registry.EmbeddedRegistry;
import dev.vestibule.standalone.tail.NoSuchTopicException;
import dev.vestibule.standalone.tail.Tail;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "tail", description = "Prints the records of a topic, one JSON line each.")
final class TailCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  private static final String DEFAULT_BOOTSTRAP = "127.0.0.1:9092";
  private static final String DEFAULT_REGISTRY = "http://127.0.0.1:8081";

  @Parameters(paramLabel = "TOPIC", description = "Full name of the topic.")
  private String topic = "";

  @Option(
      names = "--from-beginning",
      description = "All records rather than the last 10 of each partition.")
  private boolean fromBeginning;

  @Option(names = "--follow", description = "Go on with what arrives.")
  private boolean follow;

  @Option(names = "--max", paramLabel = "N", description = "End after N records.")
  private long max = Long.MAX_VALUE;

  @Option(names = "--raw", description = "All values as base64.")
  private boolean raw;

  @Option(
      names = "--bootstrap",
      paramLabel = "HOST:PORT",
      description = "Kafka; default: the running `up` of the data folder, else 127.0.0.1:9092.")
  private @Nullable String bootstrap;

  @Option(
      names = "--registry",
      paramLabel = "URL",
      description = "Schema registry; default: what the broker's `up` advertises.")
  private @Nullable String registry;

  @Option(
      names = "--data-dir",
      paramLabel = "D",
      description = "Data folder of the `up` to read from.")
  private @Nullable Path dataDir;

  @Override
  public Integer call() {
    Logging.off();
    Path folder = dataDir == null ? DataFolder.byDefault() : dataDir;
    Optional<RunFile> running = bootstrap == null ? RunFile.find(folder) : Optional.empty();
    Map<String, Object> kafka =
        Map.of(
            "bootstrap.servers",
            bootstrap != null ? bootstrap : running.map(RunFile::kafka).orElse(DEFAULT_BOOTSTRAP));
    PrintWriter out = spec.commandLine().getOut();
    Tail tail = new Tail(topic, fromBeginning, follow, max);
    if (raw) {
      print(tail, kafka, null, out);
      return 0;
    }
    String address = registry != null ? registry : advertised(kafka);
    try (HttpSchemaRegistry client = new HttpSchemaRegistry(address, null)) {
      print(tail, kafka, new GenericAvroDeserializer(client), out);
    }
    return 0;
  }

  private static String advertised(Map<String, Object> kafka) {
    try {
      return EmbeddedRegistry.discover(kafka).orElse(DEFAULT_REGISTRY);
    } catch (KafkaException e) {
      throw unreadable(kafka, e);
    }
  }

  private static void print(
      Tail tail,
      Map<String, Object> kafka,
      @Nullable GenericAvroDeserializer avro,
      PrintWriter out) {
    try {
      tail.print(kafka, avro, out);
    } catch (NoSuchTopicException | RegistryException e) {
      throw new Failure(String.valueOf(e.getMessage()), e);
    } catch (KafkaException e) {
      throw unreadable(kafka, e);
    } finally {
      out.flush();
    }
  }

  private static Failure unreadable(Map<String, Object> kafka, KafkaException problem) {
    return new Failure(
        "Kafka at " + kafka.get("bootstrap.servers") + " cannot be read: " + problem.getMessage(),
        problem);
  }
}
