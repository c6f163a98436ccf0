package dev.vestibule.standalone;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.vestibule.config.Display;
import dev.vestibule.ingress.decision.watchlist.CsvImport;
import dev.vestibule.ingress.decision.watchlist.CsvImport.Summary;
import dev.vestibule.ingress.decision.watchlist.Entry;
import dev.vestibule.ingress.decision.watchlist.ImportException;
import dev.vestibule.ingress.decision.watchlist.ImportRow;
import dev.vestibule.ingress.decision.watchlist.ImportRow.Accepted;
import dev.vestibule.ingress.decision.watchlist.ImportRow.Effect;
import dev.vestibule.ingress.decision.watchlist.ImportRow.Refused;
import dev.vestibule.ingress.decision.watchlist.ImportRow.Repeated;
import dev.vestibule.ingress.decision.watchlist.InvalidEntryException;
import dev.vestibule.ingress.decision.watchlist.Normal;
import dev.vestibule.ingress.decision.watchlist.Origin;
import dev.vestibule.standalone.TopicsCommand.Target;
import dev.vestibule.standalone.TopicsCommand.Where;
import dev.vestibule.standalone.decision.Progress;
import dev.vestibule.standalone.decision.WatchlistTopic;
import dev.vestibule.standalone.decision.WatchlistTopic.Content;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "watchlist",
    description = "Says who must not come in before a person has looked.",
    synopsisSubcommandLabel = "COMMAND")
final class WatchlistCommand implements Runnable {
  private static final int MOST_LINES = 100;
  private static final String STANDARD_INPUT = "-";
  private static final Set<Integer> UNSEEN =
      Set.of(
          (int) Character.CONTROL,
          (int) Character.FORMAT,
          (int) Character.LINE_SEPARATOR,
          (int) Character.PARAGRAPH_SEPARATOR);

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "expected import, add, remove or list");
  }

  @Command(
      name = "import",
      description =
          "Adds and changes entries from a CSV file; to import it again changes nothing. Exit code"
              + " 3: rows were left out.")
  int importFile(
      @Mixin Where where,
      @Parameters(paramLabel = "FILE.csv", description = "UTF-8; its first line names the columns.")
          Path file,
      @Option(names = "--dry-run", description = "Says what would be done, and does nothing.")
          boolean dryRun,
      @Mixin Country country) {
    if (!Files.isRegularFile(file)) {
      throw new Failure("there is no file " + file);
    }
    return TopicsCommand.on(
        where,
        target -> {
          Normal normal = country.normal(spec, target);
          Content content = content(target);
          CsvImport csv = new CsvImport(normal, content::entry);
          // Once to its end before anything is written: a file may stop being CSV in its middle.
          Problems problems = new Problems();
          Summary summary = read(csv, file, problems, dryRun ? "rows read" : "rows checked");
          problems.print();
          if (!dryRun && summary.added() + summary.changed() > 0) {
            write(csv, file, target);
          }
          print(
              (dryRun ? "would be: " : "")
                  + String.format(
                      Locale.ROOT,
                      "%d added, %d changed, %d unchanged, %d duplicates, %d invalid",
                      summary.added(),
                      summary.changed(),
                      summary.unchanged(),
                      summary.duplicates(),
                      summary.invalid()));
          return summary.invalid() == 0 ? 0 : Vestibule.AMISS;
        });
  }

  private void write(CsvImport csv, Path file, Target target) {
    try (WatchlistTopic topic = new WatchlistTopic(target.kafka(), target.names())) {
      read(
          csv,
          file,
          row -> {
            if (row instanceof Accepted(long line, Entry entry, Effect effect)
                && effect != Effect.UNCHANGED) {
              topic.put(entry);
            }
          },
          "rows written");
      topic.finish();
    }
  }

  private Summary read(CsvImport csv, Path file, Consumer<ImportRow> rows, String what) {
    try (Reader reader = new InputStreamReader(Files.newInputStream(file), UTF_8)) {
      return csv.read(reader, rows, new Progress(spec.commandLine().getErr(), what));
    } catch (ImportException e) {
      throw new Failure(file + ": " + e.getMessage() + "; nothing was imported", e);
    } catch (IOException e) {
      throw new Failure(file + " cannot be read", e);
    }
  }

  /** Rows that are left out, as lines. */
  private final class Problems implements Consumer<ImportRow> {
    private final List<String> lines = new ArrayList<>();
    private long more;

    @Override
    public void accept(ImportRow row) {
      switch (row) {
        case Refused(long line, String column, String problem, String remedy) ->
            add("line " + line + ": invalid: " + column + " " + problem + "; " + remedy);
        case Repeated(long line, long first) ->
            add("line " + line + ": duplicate of line " + first);
        case Accepted accepted -> {
          // It is counted.
        }
      }
    }

    private void add(String line) {
      if (lines.size() < MOST_LINES) {
        lines.add(line);
      } else {
        more++;
      }
    }

    void print() {
      lines.forEach(WatchlistCommand.this::print);
      if (more > 0) {
        WatchlistCommand.this.print("and " + more + " more lines that are left out");
      }
    }
  }

  @Command(name = "add", description = "Adds an entry, or changes the one with this id.")
  int add(
      @Mixin Where where,
      @Mixin Country country,
      @Option(names = "--id", paramLabel = "ID", description = "Default: a new one.")
          @Nullable String id,
      @Option(names = "--name", paramLabel = "NAME", description = "Repeat it for aliases.")
          @Nullable List<String> names,
      @Option(names = "--email", paramLabel = "ADDRESS") @Nullable List<String> emails,
      @Option(names = "--phone", paramLabel = "NUMBER") @Nullable List<String> phones,
      @Option(names = "--company", paramLabel = "NAME") @Nullable List<String> companies,
      @Option(
              names = "--site",
              paramLabel = "ID",
              description = "Where it holds; repeat it for more; default: everywhere.")
          @Nullable List<String> sites,
      @Option(
              names = "--expires",
              paramLabel = "DATE",
              description = "2027-01-31 (through that day, UTC) or 2027-01-31T18:00:00Z.")
          @Nullable String expires,
      @Option(
              names = "--reason",
              paramLabel = "TEXT",
              description = "For security's eyes only; - reads it from standard input.")
          @Nullable String reason) {
    Entry entry;
    try {
      entry =
          new Entry(
              id == null ? "manual-" + UUID.randomUUID() : id,
              orNone(names),
              orNone(emails),
              orNone(phones),
              orNone(companies),
              new HashSet<>(orNone(sites)),
              expires == null ? null : moment(expires),
              STANDARD_INPUT.equals(reason) ? standardInput() : reason,
              Origin.MANUAL);
    } catch (InvalidEntryException e) {
      throw wrong(e.getMessage());
    }
    return TopicsCommand.on(
        where,
        target -> {
          check(entry, country.normal(spec, target));
          Entry before = content(target).entry(entry.id());
          if (entry.equals(before)) {
            print("unchanged " + entry.id());
            return 0;
          }
          try (WatchlistTopic topic = new WatchlistTopic(target.kafka(), target.names())) {
            topic.put(entry);
            topic.finish();
          }
          print((before == null ? "added " : "changed ") + entry.id());
          return 0;
        });
  }

  /** An entry that could never be found would be worse than none. */
  private void check(Entry entry, Normal normal) {
    check("--name", entry.names(), name -> !normal.names(name).isEmpty(), "has no letter");
    check("--email", entry.emails(), email -> normal.email(email) != null, "is no e-mail address");
    check(
        "--phone",
        entry.phones(),
        phone -> normal.phone(phone) != null,
        "is no phone number; write it with its country code, e.g. +49 30 1234567");
    check(
        "--company",
        entry.companies(),
        company -> !normal.companies(company).isEmpty(),
        "has no letter");
  }

  private void check(String option, List<String> values, Predicate<String> valid, String problem) {
    if (!values.stream().allMatch(valid)) {
      throw wrong(option + " " + problem);
    }
  }

  private static List<String> orNone(@Nullable List<String> values) {
    return values == null ? List.of() : values;
  }

  private static String standardInput() {
    try {
      return new String(System.in.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new Failure("the reason cannot be read from standard input", e);
    }
  }

  private Instant moment(String text) {
    try {
      return text.length() > "2027-01-31".length()
          ? OffsetDateTime.parse(text).toInstant()
          : LocalDate.parse(text).plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant();
    } catch (DateTimeException e) {
      throw wrong(
          "--expires '"
              + Display.of(text)
              + "' is no date or time; write 2027-01-31 or 2027-01-31T18:00:00Z");
    }
  }

  @Command(name = "remove", description = "Takes entries out of force.")
  int remove(
      @Mixin Where where,
      @Parameters(paramLabel = "ID", arity = "1..*", description = "As 'list' shows it.")
          List<String> ids) {
    return TopicsCommand.on(
        where,
        target -> {
          Content content = content(target);
          for (String id : ids) {
            if (!content.records().containsKey(id) && !content.unreadable().contains(id)) {
              throw new Failure(
                  "there is no entry '"
                      + Display.of(id)
                      + "', so nothing was removed; 'watchlist list' shows them");
            }
          }
          try (WatchlistTopic topic = new WatchlistTopic(target.kafka(), target.names())) {
            ids.forEach(topic::remove);
            topic.finish();
          }
          ids.forEach(id -> print("removed " + Display.of(id)));
          return 0;
        });
  }

  @Command(
      name = "list",
      description =
          "Prints the entries, one per line, with tabs between id, whom it is about, sites, expiry"
              + " and origin. Exit code 3: the newest record of an entry cannot be read.")
  int list(
      @Mixin Where where,
      @Option(names = "--reasons", description = "With the reasons, which are for security alone.")
          boolean reasons) {
    return TopicsCommand.on(
        where,
        target -> {
          Content content = content(target);
          Instant now = Instant.now();
          PrintWriter out = spec.commandLine().getOut();
          for (String id : content.records().keySet()) {
            Entry entry = content.entry(id);
            if (entry != null) {
              out.println(line(entry, now, reasons));
            }
          }
          out.flush();
          content
              .unreadable()
              .forEach(id ->
                  error(
                      "the newest record of " + Display.of(id) + " cannot be read; add it again"));
          return content.unreadable().isEmpty() ? 0 : Vestibule.AMISS;
        });
  }

  private static String line(Entry entry, Instant now, boolean reasons) {
    String whom =
        Stream.of(entry.names(), entry.emails(), entry.phones(), entry.companies())
            .flatMap(List::stream)
            .collect(Collectors.joining("; "));
    String sites =
        entry.sites().isEmpty()
            ? "all sites"
            : entry.sites().stream().sorted().collect(Collectors.joining("; "));
    Instant expires = entry.expires();
    String until =
        expires == null ? "-" : now.isBefore(expires) ? "until " + expires : "expired " + expires;
    Stream<String> cells = Stream.of(entry.id(), whom, sites, until, entry.origin().text());
    String reason = entry.reason();
    return (reasons ? Stream.concat(cells, Stream.of(reason == null ? "-" : reason)) : cells)
        .map(WatchlistCommand::cell)
        .collect(Collectors.joining("\t"));
  }

  /** One line whatever is in it, and nothing that a terminal obeys. */
  private static String cell(String text) {
    return text.codePoints()
        .map(c -> UNSEEN.contains(Character.getType(c)) ? ' ' : c)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  private Content content(Target target) {
    return WatchlistTopic.read(
        target.kafka(),
        target.names(),
        new Progress(spec.commandLine().getErr(), "records of the watchlist read"));
  }

  private ParameterException wrong(@Nullable String problem) {
    return new ParameterException(spec.commandLine(), String.valueOf(problem));
  }

  private void print(String line) {
    spec.commandLine().getOut().println(line);
    spec.commandLine().getOut().flush();
  }

  private void error(String line) {
    spec.commandLine().getErr().println(line);
    spec.commandLine().getErr().flush();
  }

  /** Where phone numbers without a country code are from. */
  static final class Country {
    @Option(
        names = "--country",
        paramLabel = "DE",
        description =
            "Country of phone numbers without a country code; default: watchlist.country of the"
                + " configuration.")
    private @Nullable String country;

    Normal normal(CommandSpec spec, Target target) {
      String used = country == null ? target.watchlist().country() : country;
      try {
        return new Normal(used);
      } catch (IllegalArgumentException e) {
        throw new ParameterException(spec.commandLine(), "--country: " + e.getMessage(), e);
      }
    }
  }
}
