package dev.vestibule.standalone;

import com.fasterxml.jackson.databind.util.RawValue;
import dev.vestibule.config.Display;
import dev.vestibule.serde.GenericAvroDeserializer;
import dev.vestibule.serde.HttpSchemaRegistry;
import dev.vestibule.serde.RegistryException;
import dev.vestibule.standalone.TopicsCommand.Target;
import dev.vestibule.standalone.TopicsCommand.Where;
import dev.vestibule.standalone.deadletters.DeadLetters;
import dev.vestibule.standalone.deadletters.DeadLetters.Found;
import dev.vestibule.standalone.deadletters.Description;
import dev.vestibule.standalone.deadletters.Letter;
import dev.vestibule.standalone.deadletters.Replay;
import dev.vestibule.standalone.deadletters.Replay.Result;
import dev.vestibule.standalone.deadletters.Replayed;
import dev.vestibule.standalone.deadletters.Selection;
import dev.vestibule.standalone.decision.Progress;
import dev.vestibule.standalone.receipts.Place;
import dev.vestibule.standalone.registry.EmbeddedRegistry;
import dev.vestibule.standalone.tail.RecordLine;
import java.io.PrintWriter;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "dead-letters",
    description = "Shows what was given up and why, and sends it on its way again.",
    synopsisSubcommandLabel = "COMMAND")
final class DeadLettersCommand implements Runnable {
  private static final String DEFAULT_REGISTRY = "http://127.0.0.1:8081";
  private static final Pattern SPAN = Pattern.compile("(\\d{1,9})(s|m|h|d)");

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "expected list, show or replay");
  }

  /** Which of them. */
  static final class Which {
    @Option(
        names = "--since",
        paramLabel = "D",
        description =
            "Given up within a time such as 90m, 12h or 7d, or since an ISO-8601 instant.")
    private @Nullable String since;

    @Option(
        names = "--reason",
        paramLabel = "R",
        description = "Given up for this reason, as 'list' counts them.")
    private @Nullable String reason;

    @Option(
        names = "--stage",
        paramLabel = "S",
        description = "Given up by this one: normalizer, deduper or a sink's name.")
    private @Nullable String stage;

    Selection selection(CommandSpec spec, Instant now) {
      return new Selection(
          since == null ? Instant.EPOCH : instant(spec, since, now), reason, stage);
    }

    boolean isEmpty() {
      return since == null && reason == null && stage == null;
    }

    private static Instant instant(CommandSpec spec, String text, Instant now) {
      Matcher span = SPAN.matcher(text);
      if (span.matches()) {
        long amount = Long.parseLong(span.group(1));
        return now.minus(
            switch (span.group(2)) {
              case "s" -> Duration.ofSeconds(amount);
              case "m" -> Duration.ofMinutes(amount);
              case "h" -> Duration.ofHours(amount);
              default -> Duration.ofDays(amount);
            });
      }
      try {
        return Instant.parse(text);
      } catch (DateTimeException e) {
        throw new ParameterException(
            spec.commandLine(),
            "--since '"
                + Display.of(text)
                + "' is no time; write 90m, 12h, 7d or 2026-11-21T19:30:00Z");
      }
    }
  }

  /** Where schemas are. */
  static final class Schemas {
    @Option(
        names = "--registry",
        paramLabel = "URL",
        description =
            "Schema registry; default: that of --config, else what the broker's `up` advertises.")
    private @Nullable String url;

    HttpSchemaRegistry open(Target target) {
      if (url == null && target.registry() != null) {
        return HttpSchemaRegistry.of(target.registry());
      }
      String address =
          url != null
              ? url
              : EmbeddedRegistry.discover(new HashMap<>(target.kafka())).orElse(DEFAULT_REGISTRY);
      return new HttpSchemaRegistry(address, null);
    }
  }

  @Command(
      name = "list",
      description = "Prints one line for each, newest last, and their number by reason.")
  int list(
      @Mixin Where where,
      @Mixin Schemas schemas,
      @Mixin Which which,
      @Option(
              names = "--max",
              paramLabel = "N",
              defaultValue = "100",
              description = "The newest N of them; default: ${DEFAULT-VALUE}.")
          int max,
      @Option(names = "--json", description = "One JSON object each, with more fields.")
          boolean json) {
    if (max < 0) {
      throw new ParameterException(spec.commandLine(), "--max " + max + " is less than none");
    }
    Selection selection = which.selection(spec, Instant.now());
    return on(
        where,
        schemas,
        session -> {
          Newest newest = new Newest(selection, max);
          session.letters().all(progress("records read"), newest::add, newest::unreadable);
          Map<Place, List<Replayed>> replays = session.replays();
          List<Description> found =
              newest.sorted().stream()
                  .map(letter ->
                      new Description(
                          letter,
                          replays.getOrDefault(letter.id(), List.of()),
                          session.target().names()))
                  .toList();
          print(
              json
                  ? found.stream().map(one -> one.json().toString()).toList()
                  : table(found.stream().map(Description::cells).toList()));
          newest.summary().forEach(this::error);
          return newest.unreadable.isEmpty() ? 0 : Vestibule.AMISS;
        });
  }

  /** The newest of those that are meant, and how many there are of all. */
  private static final class Newest {
    private static final Comparator<Letter> OLDEST_FIRST =
        Comparator.comparing((Letter letter) -> letter.content().getDeadAt())
            .thenComparing(Letter::id);

    private final Selection selection;
    private final int max;
    private final PriorityQueue<Letter> letters = new PriorityQueue<>(OLDEST_FIRST);
    private final Map<String, Long> counts = new TreeMap<>();
    private final List<Place> unreadable = new ArrayList<>();

    Newest(Selection selection, int max) {
      this.selection = selection;
      this.max = max;
    }

    void add(Letter letter) {
      if (!selection.has(letter)) {
        return;
      }
      String why = letter.content().getStage() + "  " + letter.content().getReason();
      counts.merge(Display.of(why), 1L, Long::sum);
      letters.add(letter);
      if (letters.size() > max) {
        letters.remove();
      }
    }

    void unreadable(Place place) {
      unreadable.add(place);
    }

    List<Letter> sorted() {
      return letters.stream().sorted(OLDEST_FIRST).toList();
    }

    List<String> summary() {
      List<String> lines = new ArrayList<>();
      long all = counts.values().stream().mapToLong(Long::longValue).sum();
      lines.add(
          all + (all == 1 ? " dead letter" : " dead letters") + ", " + letters.size() + " shown");
      counts.forEach((why, count) -> lines.add("%9d  %s".formatted(count, why)));
      if (!unreadable.isEmpty()) {
        lines.add(
            unreadable.size()
                + " more cannot be read, the first at "
                + unreadable.getFirst()
                + "; is this their registry?");
      }
      return lines;
    }
  }

  @Command(name = "show", description = "Prints all that is known of one, and what can be done.")
  int show(
      @Mixin Where where,
      @Mixin Schemas schemas,
      @Parameters(
              paramLabel = "ID",
              description = "As 'list' shows it, or its last PARTITION@OFFSET.")
          String id,
      @Option(
              names = "--body",
              description =
                  "Prints the original as `tail` would, which is personal data; never health"
                      + " data.")
          boolean body,
      @Option(names = "--json", description = "As one JSON object.") boolean json) {
    return on(
        where,
        schemas,
        session -> {
          Letter letter = session.read(place(session.letters(), id));
          Description description =
              new Description(
                  letter,
                  session.replays().getOrDefault(letter.id(), List.of()),
                  session.target().names());
          RecordLine line = new RecordLine(new GenericAvroDeserializer(session.registry()));
          String original = body ? letter.body().map(line::of).orElse(null) : null;
          if (json) {
            print(
                List.of(description.fullJson().putRawValue("original", raw(original)).toString()));
          } else {
            print(description.lines());
            if (original != null) {
              print(List.of("  original", original));
            }
          }
          if (body && original == null) {
            error(
                letter.isHealth()
                    ? "the body is health data and is not shown; it lies at " + letter.origin()
                    : "the letter does not hold the body; it lies at " + letter.origin());
          }
          return 0;
        });
  }

  private static RawValue raw(@Nullable String json) {
    return new RawValue(json == null ? "null" : json);
  }

  @Command(
      name = "replay",
      description =
          "Sends dead letters back to whoever gave them up, with path=replay: nothing opens a door."
              + " Each goes once, however often this is asked for. Exit code 3: one cannot be"
              + " replayed.")
  int replay(
      @Mixin Where where,
      @Mixin Schemas schemas,
      @Mixin Which which,
      @Parameters(paramLabel = "ID", arity = "0..*", description = "As 'list' shows them.")
          @Nullable List<String> ids,
      @Option(names = "--all", description = "All that there are.") boolean all,
      @Option(names = "--dry-run", description = "Says what would be done, and does nothing.")
          boolean dryRun,
      @Option(names = "--again", description = "Also those that were replayed before.")
          boolean again,
      @Option(
              names = "--by",
              paramLabel = "NAME",
              description = "Who is written down; default: who is logged in.")
          @Nullable String by) {
    List<String> named = ids == null ? List.of() : ids;
    if (named.isEmpty() != (all || !which.isEmpty())) {
      throw new ParameterException(
          spec.commandLine(), "expected IDs, or else --all or one of --reason, --stage, --since");
    }
    Selection selection = which.selection(spec, Instant.now());
    String who = by == null ? System.getProperty("user.name", "?") : by;
    return on(
        where,
        schemas,
        session -> {
          List<Place> places = named.isEmpty() ? session.chosen(selection) : session.named(named);
          try (Replay replay =
              new Replay(
                  session.letters(),
                  session.target().kafka(),
                  session.target().names(),
                  session.registry(),
                  InstantSource.system(),
                  Display.of(who),
                  again,
                  dryRun,
                  progress("earlier replays read"))) {
            return replay(session, replay, places, dryRun);
          }
        });
  }

  private int replay(Session session, Replay replay, List<Place> places, boolean dryRun) {
    Progress progress = progress("of " + places.size() + " done");
    int sent = 0;
    int known = 0;
    int refused = 0;
    for (Place place : places) {
      String line =
          switch (session.letters().read(place)) {
            case Found.No(String because) -> {
              refused++;
              yield "not replayed: " + because;
            }
            case Found.Yes(Letter letter) ->
                switch (replay.replay(letter)) {
                  case Result.Sent(String to, String note) -> {
                    sent++;
                    yield (dryRun ? "would go to " : "replayed to ")
                        + to
                        + (note == null ? "" : "; " + note);
                  }
                  case Result.Known(Replayed before) -> {
                    known++;
                    yield "replayed before, "
                        + before.at()
                        + " by "
                        + Display.of(before.by())
                        + "; --again sends it once more";
                  }
                  case Result.Refused(String because) -> {
                    refused++;
                    yield "not replayed: " + because;
                  }
                };
          };
      print(List.of(place + "  " + line));
      progress.accept(sent + known + refused);
    }
    print(
        List.of(
            (dryRun ? "would be: " : "")
                + sent
                + " replayed, "
                + known
                + " replayed before, "
                + refused
                + " not replayed"));
    return refused == 0 ? 0 : Vestibule.AMISS;
  }

  private Place place(DeadLetters letters, String id) {
    return letters
        .place(id)
        .orElseThrow(() ->
            new ParameterException(
                spec.commandLine(),
                "'"
                    + Display.of(id)
                    + "' is no dead letter; expected an id as 'dead-letters list' shows it"));
  }

  /** One look at the dead letters of an installation. */
  private final class Session {
    private final Target target;
    private final HttpSchemaRegistry registry;
    private final DeadLetters letters;

    Session(Target target, HttpSchemaRegistry registry, DeadLetters letters) {
      this.target = target;
      this.registry = registry;
      this.letters = letters;
    }

    Target target() {
      return target;
    }

    HttpSchemaRegistry registry() {
      return registry;
    }

    DeadLetters letters() {
      return letters;
    }

    Map<Place, List<Replayed>> replays() {
      return letters.replays(target.names(), progress("replays read"));
    }

    Letter read(Place place) {
      return switch (letters.read(place)) {
        case Found.Yes(Letter letter) -> letter;
        case Found.No(String because) -> throw new Failure(because);
      };
    }

    /** All of them exist, or nothing is done. */
    List<Place> named(List<String> ids) {
      return ids.stream()
          .map(id -> Chosen.of(read(place(letters, id))))
          .distinct()
          .sorted(Chosen.AS_THEY_CAME)
          .map(Chosen::id)
          .toList();
    }

    List<Place> chosen(Selection selection) {
      List<Chosen> found = new ArrayList<>();
      letters.all(
          progress("records read"),
          letter -> {
            if (selection.has(letter)) {
              found.add(Chosen.of(letter));
            }
          },
          place -> error("not looked at, since it cannot be read: " + place));
      return found.stream().sorted(Chosen.AS_THEY_CAME).map(Chosen::id).toList();
    }
  }

  /** One that is to be replayed; in the order of the originals each visit keeps its own. */
  private record Chosen(Place origin, Place id) {
    static final Comparator<Chosen> AS_THEY_CAME =
        Comparator.comparing(Chosen::origin).thenComparing(Chosen::id);

    static Chosen of(Letter letter) {
      return new Chosen(letter.origin(), letter.id());
    }
  }

  private int on(Where where, Schemas schemas, Function<Session, Integer> work) {
    return TopicsCommand.on(
        where,
        target -> {
          try (HttpSchemaRegistry registry = schemas.open(target);
              DeadLetters letters = new DeadLetters(target.kafka(), target.names(), registry)) {
            return work.apply(new Session(target, registry, letters));
          } catch (RegistryException e) {
            throw new Failure(String.valueOf(e.getMessage()), e);
          }
        });
  }

  private Progress progress(String what) {
    return new Progress(spec.commandLine().getErr(), what);
  }

  /** Lines with columns that stand below each other. */
  private static List<String> table(List<List<String>> rows) {
    int columns = rows.isEmpty() ? 0 : rows.getFirst().size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int column = 0; column < columns; column++) {
        widths[column] = Math.max(widths[column], row.get(column).length());
      }
    }
    List<String> lines = new ArrayList<>();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int column = 0; column < columns; column++) {
        String cell = row.get(column);
        line.append(cell).append(" ".repeat(widths[column] - cell.length() + 2));
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }

  private void print(List<String> lines) {
    PrintWriter out = spec.commandLine().getOut();
    lines.forEach(out::println);
    out.flush();
  }

  private void error(String line) {
    PrintWriter err = spec.commandLine().getErr();
    err.println(line);
    err.flush();
  }
}
