package dev.vestibule.standalone;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "access",
    description = "Says why doors are open or closed, compares, and ends lockdowns.",
    synopsisSubcommandLabel = "COMMAND")
final class AccessCommand implements Runnable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Somebody's system is listed page by page. */
  private static final Duration COMPARING = Duration.ofMinutes(5);

  @Spec private CommandSpec spec = CommandSpec.create();

  /** Whom to ask, and about which sink. */
  static final class Whom {
    @Option(names = "--data-dir", paramLabel = "D", description = "Data folder of the `up` to ask.")
    private @Nullable Path dataDir;

    @Option(
        names = "--admin",
        paramLabel = "U",
        description =
            "Admin port of a sink-access-control to ask instead, such as http://127.0.0.1:8094;"
                + " its token in VESTIBULE_ADMIN_TOKEN.")
    private @Nullable String admin;

    @Option(names = "--sink", paramLabel = "S", description = "One sink; default: all.")
    private @Nullable String sink;

    @Option(names = "--json", description = "For programs: what the admin port answers.")
    private boolean json;

    private AdminPort port() {
      return admin == null
          ? AdminPort.of(dataDir, "name its folder with --data-dir, or a service with --admin")
          : AdminPort.at(admin);
    }
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "expected explain, reconcile, lockdowns or release");
  }

  @Command(
      name = "explain",
      description =
          "Shows why a visit has the access that it has: each fact with the rule that took or"
              + " refused it, what is wanted now, and what the target has.")
  int explain(
      @Mixin Whom whom,
      @Parameters(
              paramLabel = "VISIT",
              description = "The vendor's id of the visit, alone or behind ACCOUNT:.")
          String visit,
      @Option(
              names = "--since",
              paramLabel = "D",
              defaultValue = "3d",
              description = "How far back to look, such as 6h or 3d; default ${DEFAULT-VALUE}.")
          String since)
      throws InterruptedException {
    JsonNode answer =
        ask(whom, "explain", Map.of("visit", visit, "since", duration(since).toString()), PATIENCE);
    if (whom.json) {
      return print(answer);
    }
    PrintWriter out = spec.commandLine().getOut();
    boolean known = false;
    for (JsonNode sink : answer.path("sinks")) {
      for (JsonNode one : sink.path("visits")) {
        known = true;
        out.println(sink.path("sink").asText() + ": visit " + one.path("visit_key").asText());
        one.path("facts").forEach(fact -> out.println("  " + fact.asText()));
        out.println("  now: " + one.path("now").asText());
      }
      if (sink.path("lockdown").asBoolean()) {
        out.println(sink.path("sink").asText() + ": a lockdown is on, nothing new is opened");
      }
      if (!sink.path("complete").asBoolean()) {
        out.println(
            sink.path("sink").asText()
                + ": there was not enough time to read everything;"
                + " ask with a shorter --since");
      }
    }
    if (!known) {
      throw new Failure(
          "no event of the last "
              + since
              + " is about the visit '"
              + visit
              + "' in the topics that the sinks are granted");
    }
    out.flush();
    return 0;
  }

  @Command(
      name = "reconcile",
      description =
          "Compares what the targets have with what is wanted, and closes what nobody wants open."
              + " Exit code 3: something differed.")
  int reconcile(
      @Mixin Whom whom,
      @Option(names = "--dry-run", description = "Tells only, and changes nothing.") boolean dryRun)
      throws InterruptedException {
    JsonNode answer = ask(whom, "reconcile", Map.of("dry_run", dryRun), COMPARING);
    boolean differs = false;
    for (JsonNode sink : answer.path("sinks")) {
      differs |= !sink.path("findings").isEmpty();
    }
    if (whom.json) {
      int _ = print(answer);
      return differs ? Vestibule.AMISS : 0;
    }
    PrintWriter out = spec.commandLine().getOut();
    for (JsonNode sink : answer.path("sinks")) {
      String name = sink.path("sink").asText();
      if (!sink.path("reads_back").asBoolean()) {
        out.println(name + ": the target cannot be asked what it has");
        continue;
      }
      for (JsonNode finding : sink.path("findings")) {
        out.println(
            name
                + ": "
                + meaning(finding.path("kind").asText(), dryRun)
                + "  visit "
                + finding.path("visit_key").asText()
                + "  key "
                + finding.path("grant_key").asText());
      }
      out.println(
          name
              + ": "
              + (sink.path("findings").isEmpty() ? "as wanted" : "see above")
              + "; "
              + sink.path("foreign").asInt()
              + " objects carry another's mark and were not looked at");
    }
    out.flush();
    return differs ? Vestibule.AMISS : 0;
  }

  private static String meaning(String kind, boolean dryRun) {
    return switch (kind) {
      case "STRAY" -> "open, and nothing wants it open" + (dryRun ? "" : "; is being closed");
      case "WIDER" -> "opens more or longer than is wanted" + (dryRun ? "" : "; is being repaired");
      case "MISSING" -> "wanted open and not there; was it removed by hand?";
      case "CARD_STRAY" -> "has a card that nobody is known to have given; look at it";
      case "CARD_MISSING" -> "its card is not there; was it removed by hand?";
      default -> kind;
    };
  }

  @Command(name = "lockdowns", description = "Lists lockdowns. Exit code 3: one is on.")
  int lockdowns(@Mixin Whom whom) throws InterruptedException {
    JsonNode answer = ask(whom, "lockdowns", Map.of(), PATIENCE);
    boolean on = false;
    for (JsonNode lock : answer.path("lockdowns")) {
      on |= !lock.path("phase").asText().startsWith("RELEAS");
    }
    if (whom.json) {
      int _ = print(answer);
      return on ? Vestibule.AMISS : 0;
    }
    PrintWriter out = spec.commandLine().getOut();
    for (JsonNode lock : answer.path("lockdowns")) {
      out.println(
          "%s: %s site %s of %s, zones %s, since %s"
              .formatted(
                  lock.path("sink").asText(),
                  lock.path("phase").asText(),
                  lock.path("site").asText(),
                  lock.path("source").asText(),
                  lock.path("zones"),
                  lock.path("since").asText()));
    }
    if (answer.path("lockdowns").isEmpty()) {
      out.println("there was never one");
    }
    out.flush();
    return on ? Vestibule.AMISS : 0;
  }

  @Command(
      name = "release",
      description = "Ends the lockdown of a site. Nothing but this command ever does.")
  int release(
      @Mixin Whom whom,
      @Option(names = "--source", paramLabel = "S", required = true, description = "Its source.")
          String source,
      @Option(
              names = "--site",
              paramLabel = "ID",
              required = true,
              description = "The site as the source calls it.")
          String site,
      @Option(
              names = "--by",
              paramLabel = "WHO",
              required = true,
              description = "Who answers for it; is written down.")
          String by)
      throws InterruptedException {
    JsonNode answer =
        ask(whom, "release", Map.of("source", source, "site", site, "by", by), PATIENCE);
    if (whom.json) {
      return print(answer);
    }
    PrintWriter out = spec.commandLine().getOut();
    answer
        .path("released")
        .forEach(sink -> out.println(sink.asText() + ": site " + site + " is being released"));
    out.flush();
    return 0;
  }

  private static JsonNode ask(
      Whom whom, String what, Map<String, Object> question, Duration patience)
      throws InterruptedException {
    Logging.off();
    Map<String, Object> all = new LinkedHashMap<>(question);
    if (whom.sink != null) {
      all.put("sink", whom.sink);
    }
    return whom.port().post("/access/" + what, all, patience).json();
  }

  private int print(JsonNode answer) {
    spec.commandLine().getOut().println(answer);
    spec.commandLine().getOut().flush();
    return 0;
  }

  private Duration duration(String text) {
    try {
      Duration span =
          Duration.parse(
              text.endsWith("d")
                  ? "P" + text.toUpperCase(java.util.Locale.ROOT)
                  : "PT" + text.toUpperCase(java.util.Locale.ROOT));
      if (span.isPositive()) {
        return span;
      }
    } catch (java.time.format.DateTimeParseException e) {
      // Falls through to the one message.
    }
    throw new ParameterException(
        spec.commandLine(), "--since '" + text + "'; expected a span such as 90m, 6h or 3d");
  }
}
