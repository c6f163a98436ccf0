package dev.vestibule.standalone;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.vestibule.config.ConfigException;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.serde.HttpSchemaRegistry;
import dev.vestibule.standalone.receipts.Answer;
import dev.vestibule.standalone.receipts.ReceiptsRoute;
import dev.vestibule.standalone.receipts.Timeline;
import dev.vestibule.standalone.receipts.Trace;
import dev.vestibule.standalone.receipts.Tracer;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "visit",
    description =
        "Shows where a delivery, an event or a visit is, and where it is stuck if it is. Exit code"
            + " 0: all is at its end; 3: something waits or was given up; 1: it is unknown.")
final class VisitCommand implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "ID",
      description =
          "A receipt, a request id, an event id, or the vendor's id of a visit, alone or behind"
              + " ACCOUNT:.")
  private String id = "";

  @Option(
      names = "--config",
      paramLabel = "F",
      description = "Asks the Kafka that it names; default: the running `up` of the data folder.")
  private @Nullable Path configFile;

  @Option(names = "--data-dir", paramLabel = "D", description = "Data folder of the `up` to ask.")
  private @Nullable Path dataDir;

  @Option(names = "--json", description = "For programs: what GET /visits/{id} answers.")
  private boolean json;

  @Override
  public Integer call() throws InterruptedException {
    Logging.off();
    Path folder = dataDir == null ? DataFolder.byDefault() : dataDir;
    Answer answer = configFile == null ? running() : remote(configFile, folder);
    return switch (answer) {
      case Answer.Found found -> {
        print(found);
        yield found.deliveries().stream().allMatch(Trace::fine) ? 0 : Vestibule.AMISS;
      }
      case Answer.Malformed(String error) ->
          throw new ParameterException(spec.commandLine(), error);
      case Answer.Unknown unknown -> throw new Failure(unknown.error());
      case Answer.Expired(String error) -> throw new Failure(error);
      case Answer.Unavailable unavailable -> throw new Failure(unavailable.error());
    };
  }

  private void print(Answer.Found found) {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(ReceiptsRoute.json(found));
    } else {
      for (Trace trace : found.deliveries()) {
        Timeline.lines(trace).forEach(out::println);
        out.println();
      }
      if (!found.searched().complete()) {
        out.println(
            "These are the newest; there may be more: " + found.searched().cutShort() + ".");
      }
      out.println(Timeline.sentence(found.deliveries()));
    }
    out.flush();
  }

  private Answer remote(Path file, Path folder) {
    VestibuleConfig config = ConfigOption.load(file, folder);
    if (!config.kafka().containsKey("bootstrap.servers")) {
      throw new ConfigException(
          "vestibule.kafka.bootstrap.servers",
          "is missing; expected host:port of a broker, or no --config to ask a running `up`");
    }
    try (HttpSchemaRegistry registry = HttpSchemaRegistry.of(config.registry())) {
      return new Tracer(
              config, ServiceKind.sinks(config), List::of, registry, InstantSource.system())
          .anything(id, PATIENCE);
    }
  }

  private Answer running() throws InterruptedException {
    String path =
        ReceiptsRoute.VISITS + URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20");
    AdminPort.Reply reply =
        AdminPort.of(dataDir, "name its folder with --data-dir, or a configuration with --config")
            .get(path, PATIENCE);
    try {
      return ReceiptsRoute.read(reply.status(), reply.body());
    } catch (JsonProcessingException e) {
      throw new Failure("the admin port answered something else than expected", e);
    }
  }
}
