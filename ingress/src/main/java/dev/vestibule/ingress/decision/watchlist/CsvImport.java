package dev.vestibule.ingress.decision.watchlist;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import dev.vestibule.ingress.decision.watchlist.ImportRow.Accepted;
import dev.vestibule.ingress.decision.watchlist.ImportRow.Effect;
import dev.vestibule.ingress.decision.watchlist.ImportRow.Refused;
import dev.vestibule.ingress.decision.watchlist.ImportRow.Repeated;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads entries from a CSV file (RFC 4180; commas, semicolons or tabs) whose first line names the
 * columns. Nothing is written anywhere: what is handed the accepted rows decides whether this is a
 * dry run.
 *
 * <p>A row without {@code id} gets one that follows from the normal forms of its name, aliases,
 * e-mail addresses, phone numbers and company. So importing a file twice changes nothing the second
 * time, and a changed reason, site or expiry changes the same entry.
 */
public final class CsvImport {
  private static final String DERIVED = "csv-";
  private static final int PROGRESS = 1_000;
  private static final int HEADER_LENGTH = 8_192;
  private static final String OR_SEVERAL = "[;|]";
  private static final String NOT_UTF8 = "\uFFFD";

  private final Normal normal;
  private final Function<String, @Nullable Entry> existing;

  /** An import that compares with the entry in force of an id, if there is one. */
  public CsvImport(Normal normal, Function<String, @Nullable Entry> existing) {
    this.normal = normal;
    this.existing = existing;
  }

  /** How many rows came out how. */
  public record Summary(long added, long changed, long unchanged, long invalid, long duplicates) {
    /** All rows. */
    public long rows() {
      return added + changed + unchanged + invalid + duplicates;
    }
  }

  private enum Column {
    ID("id"),
    NAME("name", "names"),
    ALIAS("alias", "aliases"),
    EMAIL("email", "emails", "e-mail"),
    PHONE("phone", "phones"),
    COMPANY("company", "companies"),
    SITES("sites", "site"),
    EXPIRES("expires"),
    REASON("reason");

    private static final Set<Column> ONCE = Set.of(ID, EXPIRES, REASON);
    private static final Set<Column> SUBJECT = Set.of(NAME, ALIAS, EMAIL, PHONE, COMPANY);
    private final String title;
    private final String otherTitles;

    Column(String title, String... others) {
      this.title = title;
      this.otherTitles = String.join(" ", others);
    }

    static @Nullable Column of(String title) {
      String plain = title.strip().toLowerCase(Locale.ROOT);
      return Stream.of(values()).filter(c -> c.has(plain)).findFirst().orElse(null);
    }

    private boolean has(String plain) {
      return title.equals(plain)
          || (!plain.isEmpty() && List.of(otherTitles.split(" ")).contains(plain));
    }

    static String known() {
      return Stream.of(values()).map(Column::toString).collect(Collectors.joining(", "));
    }

    @Override
    public String toString() {
      return title;
    }
  }

  /**
   * Reads a file to its end, row by row. Remembers some 150 bytes of each row, twice that where
   * rows have ids, to find repeated ones.
   *
   * @param csv the file as UTF-8; a byte order mark is passed over
   * @param rows is handed every row in the file's order
   * @param progress is told the number of rows read so far, every 1,000 and at the end
   * @throws ImportException if the header is wrong, or the file is no CSV from some line on; the
   *     rows before that have been handed over
   */
  public Summary read(Reader csv, Consumer<ImportRow> rows, LongConsumer progress)
      throws IOException {
    BufferedReader text = new BufferedReader(csv, HEADER_LENGTH * 2);
    Reading reading = new Reading(rows);
    try (CsvReader<CsvRecord> records =
        CsvReader.builder()
            .fieldSeparator(separator(text))
            .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
            .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
            .allowUnclosedQuote(false)
            .ofCsvRecord(text)) {
      for (CsvRecord row : records) {
        if (reading.columns.isEmpty()) {
          reading.header(row);
        } else {
          reading.row(row);
          if (reading.count % PROGRESS == 0) {
            progress.accept(reading.count);
          }
        }
      }
    } catch (CsvParseException e) {
      throw new ImportException(
          "after line "
              + reading.line
              + " the file is no CSV: close every quote, double those inside"
              + " quotes, and begin a quoted value with its quote");
    }
    if (reading.columns.isEmpty()) {
      throw new ImportException("the file is empty: its first line must name the columns");
    }
    progress.accept(reading.count);
    return reading.summary();
  }

  /** The separator that the first line uses most; leaves the reader where the text begins. */
  private static char separator(BufferedReader text) throws IOException {
    text.mark(HEADER_LENGTH);
    int[] counts = new int[3];
    String candidates = ",;\t";
    int read = 0;
    boolean bom = false;
    for (int c = text.read(); c >= 0 && c != '\n' && read < HEADER_LENGTH - 1; c = text.read()) {
      bom |= read++ == 0 && c == '\uFEFF';
      int candidate = candidates.indexOf(c);
      if (candidate >= 0) {
        counts[candidate]++;
      }
    }
    text.reset();
    if (bom && text.read() < 0) {
      throw new IOException("a reader that went back has lost its text");
    }
    int most = counts[1] > counts[0] ? 1 : 0;
    return candidates.charAt(counts[2] > counts[most] ? 2 : most);
  }

  /** One reading of one file. */
  private final class Reading {
    private final Consumer<ImportRow> rows;
    private final List<Column> columns = new ArrayList<>();

    /** Where an id, or a person, was first seen, and with what. */
    private final Map<String, First> seen = new HashMap<>();

    private final Map<Effect, Long> effects = new EnumMap<>(Effect.class);
    private long invalid;
    private long duplicates;
    private long count;
    private long line = 1;

    Reading(Consumer<ImportRow> rows) {
      this.rows = rows;
    }

    Summary summary() {
      return new Summary(
          effects.getOrDefault(Effect.ADDED, 0L),
          effects.getOrDefault(Effect.CHANGED, 0L),
          effects.getOrDefault(Effect.UNCHANGED, 0L),
          invalid,
          duplicates);
    }

    void header(CsvRecord row) throws ImportException {
      for (String title : row.getFields()) {
        Column column = Column.of(title);
        // The title is not quoted: in a file without a header it is somebody's name.
        if (column == null) {
          throw new ImportException(
              "column "
                  + (columns.size() + 1)
                  + " of line "
                  + row.getStartingLineNumber()
                  + " has no known title: the first line must name the columns, out of "
                  + Column.known());
        }
        if (Column.ONCE.contains(column) && columns.contains(column)) {
          throw new ImportException("column " + column + " is there twice: leave one");
        }
        columns.add(column);
      }
      if (columns.stream().noneMatch(Column.SUBJECT::contains)) {
        throw new ImportException(
            "no column says whom the rows are about: add name, alias, email, phone or company");
      }
    }

    void row(CsvRecord row) {
      count++;
      line = row.getStartingLineNumber();
      ImportRow result;
      try {
        result = judge(entry(row));
      } catch (RefusedRowException e) {
        result = e.row(line);
      } catch (InvalidEntryException e) {
        result =
            new Refused(line, e.field(), e.problem(), "shorten, complete or correct the value");
      }
      switch (result) {
        case Accepted accepted -> effects.merge(accepted.effect(), 1L, Long::sum);
        case Repeated repeated -> duplicates++;
        case Refused refused -> invalid++;
      }
      rows.accept(result);
    }

    private ImportRow judge(Entry entry) {
      String person = normal.identity(entry);
      String content = person + scope(entry);
      First same = seen.putIfAbsent(entry.id(), new First(line, Hash.of(content)));
      if (same != null) {
        if (same.content == Hash.of(content)) {
          return new Repeated(line, same.line);
        }
        throw entry.id().equals(DERIVED + person)
            ? new RefusedRowException(
                "row",
                "is about the same person as line "
                    + same.line
                    + ", with other sites, expiry or"
                    + " reason",
                "put both into one row, or give each an id")
            : new RefusedRowException(
                "id",
                "is that of line " + same.line + ", which says something else",
                "put both into one row, or give this one another id");
      }
      // The separator keeps these keys apart from ids, which hold no control character.
      First alike =
          columns.contains(Column.ID)
              ? seen.putIfAbsent("\0" + Hash.of(content) + person, new First(line, 0))
              : null;
      if (alike != null) {
        seen.remove(entry.id());
        return new Repeated(line, alike.line);
      }
      Entry before = existing.apply(entry.id());
      Effect effect =
          before == null ? Effect.ADDED : before.equals(entry) ? Effect.UNCHANGED : Effect.CHANGED;
      return new Accepted(line, entry, effect);
    }

    /** Where and until when, and why: what rows about one person may differ in. */
    private static String scope(Entry entry) {
      return " " + entry.sites().stream().sorted().toList() + entry.expires() + entry.reason();
    }

    private Entry entry(CsvRecord row) {
      if (row.getFieldCount() != columns.size()) {
        throw new RefusedRowException(
            "row",
            "has " + row.getFieldCount() + " values, the header " + columns.size(),
            "put values that hold a separator or a line break into double quotes");
      }
      Map<Column, List<String>> values = values(row);
      List<String> names = new ArrayList<>(values.getOrDefault(Column.NAME, List.of()));
      names.addAll(values.getOrDefault(Column.ALIAS, List.of()));
      List<String> emails = values.getOrDefault(Column.EMAIL, List.of());
      List<String> phones = values.getOrDefault(Column.PHONE, List.of());
      List<String> companies = values.getOrDefault(Column.COMPANY, List.of());
      check(names, "name", name -> !normal.names(name).isEmpty(), "has no letter", "give a name");
      check(
          emails,
          "email",
          email -> normal.email(email) != null,
          "is no e-mail address",
          "write it like name@example.com, several with ; between them");
      check(
          phones,
          "phone",
          phone -> normal.phone(phone) != null,
          "is no phone number",
          "write it with its country code, e.g. +49 30 1234567");
      check(
          companies,
          "company",
          company -> !normal.companies(company).isEmpty(),
          "has no letter",
          "give a company's name");
      Entry entry =
          new Entry(
              one(values, Column.ID, DERIVED),
              names,
              emails,
              phones,
              companies,
              new HashSet<>(values.getOrDefault(Column.SITES, List.of())),
              expires(values),
              values.containsKey(Column.REASON) ? one(values, Column.REASON, "") : null,
              Origin.IMPORT);
      return values.containsKey(Column.ID) ? entry : entry.withId(DERIVED + normal.identity(entry));
    }

    private Map<Column, List<String>> values(CsvRecord row) {
      Map<Column, List<String>> values = new EnumMap<>(Column.class);
      for (int i = 0; i < columns.size(); i++) {
        Column column = columns.get(i);
        String field = row.getField(i);
        if (field.contains(NOT_UTF8)) {
          throw new RefusedRowException(
              column.toString(), "holds a character that is not UTF-8", "save the file as UTF-8");
        }
        boolean several = column != Column.NAME && !Column.ONCE.contains(column);
        for (String value : several ? field.split(OR_SEVERAL) : new String[] {field}) {
          if (!value.isBlank()) {
            values.computeIfAbsent(column, key -> new ArrayList<>()).add(value.strip());
          }
        }
      }
      return values;
    }

    private static String one(Map<Column, List<String>> values, Column column, String otherwise) {
      return values.getOrDefault(column, List.of(otherwise)).getFirst();
    }

    private static void check(
        List<String> values,
        String column,
        Predicate<String> valid,
        String problem,
        String remedy) {
      if (!values.stream().allMatch(valid)) {
        throw new RefusedRowException(column, problem, remedy);
      }
    }

    private static @Nullable Instant expires(Map<Column, List<String>> values) {
      String text = one(values, Column.EXPIRES, "");
      if (text.isEmpty()) {
        return null;
      }
      try {
        return text.length() > "2027-01-31".length()
            ? OffsetDateTime.parse(text).toInstant()
            : LocalDate.parse(text).plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant();
      } catch (DateTimeException e) {
        throw new RefusedRowException(
            "expires", "is no date or time", "write 2027-01-31 or 2027-01-31T18:00:00Z");
      }
    }
  }

  private record First(long line, long content) {}

  /** Leaves a row. */
  private static final class RefusedRowException extends RuntimeException {
    private final String column;
    private final String problem;
    private final String remedy;

    RefusedRowException(String column, String problem, String remedy) {
      super(problem, null, false, false);
      this.column = column;
      this.problem = problem;
      this.remedy = remedy;
    }

    Refused row(long line) {
      return new Refused(line, column, problem, remedy);
    }
  }
}
