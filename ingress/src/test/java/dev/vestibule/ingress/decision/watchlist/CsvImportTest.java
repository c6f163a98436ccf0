package dev.vestibule.ingress.decision.watchlist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vestibule.ingress.decision.watchlist.CsvImport.Summary;
import dev.vestibule.ingress.decision.watchlist.ImportRow.Accepted;
import dev.vestibule.ingress.decision.watchlist.ImportRow.Effect;
import dev.vestibule.ingress.decision.watchlist.ImportRow.Refused;
import dev.vestibule.ingress.decision.watchlist.ImportRow.Repeated;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CsvImportTest {
  private static final Normal NORMAL = new Normal("DE");
  private final Map<String, Entry> inForce = new HashMap<>();
  private final List<ImportRow> rows = new ArrayList<>();
  private final List<Long> progress = new ArrayList<>();

  /** Imports for good: what is accepted is in force afterwards. */
  private Summary read(String csv) throws IOException {
    rows.clear();
    Summary summary =
        new CsvImport(NORMAL, inForce::get).read(new StringReader(csv), rows::add, progress::add);
    for (ImportRow row : rows) {
      if (row instanceof Accepted accepted) {
        inForce.put(accepted.entry().id(), accepted.entry());
      }
    }
    return summary;
  }

  private Entry only() {
    assertThat(rows).singleElement().isInstanceOf(Accepted.class);
    return ((Accepted) rows.getFirst()).entry();
  }

  private Refused refused() {
    assertThat(rows).singleElement().isInstanceOf(Refused.class);
    return (Refused) rows.getFirst();
  }

  @Test
  void aRowHasEveryColumn() throws IOException {
    read(
        """
        id,name,alias,email,phone,company,sites,expires,reason
        7,"Doe, Jane",JD; Jane Roe,jane@example.com|j@example.com,030 1234567,Acme,berlin;paris,2027-01-31,"said ""no"",
        twice"
        """);

    assertThat(only())
        .isEqualTo(
            new Entry(
                "7",
                List.of("Doe, Jane", "JD", "Jane Roe"),
                List.of("jane@example.com", "j@example.com"),
                List.of("030 1234567"),
                List.of("Acme"),
                Set.of("berlin", "paris"),
                Instant.parse("2027-02-01T00:00:00Z"),
                "said \"no\",\ntwice",
                Origin.IMPORT));
  }

  @ParameterizedTest
  @ValueSource(strings = {",", ";", "\t"})
  void separatorsByteOrderMarksAndTitlesInAnyCaseAreUnderstood(String separator)
      throws IOException {
    read(
        "\uFEFFName, E-Mail ,SITE\r\nJane Doe,jane@example.com,berlin\r\n".replace(",", separator));

    assertThat(only().emails()).containsExactly("jane@example.com");
    assertThat(only().sites()).containsExactly("berlin");
  }

  @Test
  void columnsOfSeveralValuesMayRepeat() throws IOException {
    read("name,alias,alias\nJane Doe,,J Doe\n");

    assertThat(only().names()).containsExactly("Jane Doe", "J Doe");
  }

  @Test
  void importingTwiceChangesNothing() throws IOException {
    String file = "name,email,reason\nJane Doe,,x\nMüller,m@example.com,y\n";

    assertThat(read(file)).isEqualTo(new Summary(2, 0, 0, 0, 0));
    assertThat(read(file)).isEqualTo(new Summary(0, 0, 2, 0, 0));
    assertThat(read(file.replace(",x", ",z"))).isEqualTo(new Summary(0, 1, 1, 0, 0));
    assertThat(inForce).hasSize(2);
  }

  @Test
  void derivedIdsFollowFromTheNormalFormsAndStay() throws IOException {
    read("name,email\n\"DOE, Jane\",JANE@gmail.com\n");
    Entry first = only();
    read("email,name\nj.a.n.e@googlemail.com,Dr. Jane Doe\n");

    assertThat(first.id()).isEqualTo("csv-a7e869aedf09a58b51027eee268a6881");
    assertThat(only().id()).isEqualTo(first.id());
    assertThat(((Accepted) rows.getFirst()).effect()).isEqualTo(Effect.CHANGED);
  }

  @Test
  void duplicatesByNormalFormAreLeftOutAndPointToTheFirst() throws IOException {
    Summary summary = read("name\nJane Doe\n\"Doe, Jane\"\nMax Roe\n");

    assertThat(summary).isEqualTo(new Summary(2, 0, 0, 0, 1));
    assertThat(rows.get(1)).isEqualTo(new Repeated(3, 2));
    assertThat(read("id,name\n1,Jane Doe\n2,jane doe\n1,JANE DOE\n"))
        .isEqualTo(new Summary(1, 0, 0, 0, 2));
  }

  @Test
  void theSamePersonWithAnotherScopeIsNeverSilentlyLost() throws IOException {
    assertThat(read("name,sites\nJane Doe,berlin\nJane Doe,paris\n"))
        .isEqualTo(new Summary(1, 0, 0, 1, 0));
    assertThat(rows.get(1))
        .isEqualTo(
            new Refused(
                3,
                "row",
                "is about the same person as line 2, with other sites, expiry or reason",
                "put both into one row, or give each an id"));
    assertThat(read("id,name,sites\n1,Jane Doe,berlin\n2,Jane Doe,paris\n").added()).isEqualTo(2);
    assertThat(read("id,name\n8,Jane Doe\n8,Max Roe\n").invalid()).isEqualTo(1);
    assertThat(((Refused) rows.get(1)).problem()).contains("line 2");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "name|'-'|name|no letter|name",
        "name|'Jane \uFFFD'|name|UTF-8|UTF-8",
        "email|'jane'|email|no e-mail|name@example.com",
        "phone|'123'|phone|no phone|country code",
        "company|'&'|company|no letter|company",
        "name,expires|'Jane,soon'|expires|no date|2027-01-31",
        "name,expires|'Jane,2027-02-30'|expires|no date|2027-01-31",
        "name,expires|'Jane,1066-01-01'|expires|1970|correct",
        "name,email|'Doe, Jane,jane@example.com'|row|has 3 values, the header 2|quotes",
        "name,email|'Jane'|row|has 1 values, the header 2|quotes",
        "name,email|','|names|empty|complete",
        "id,name|'a\u0007b,Jane'|id|control|correct"
      })
  void aRefusedRowSaysWhereWhatAndWhatToDo(
      String header, String row, String column, String problem, String remedy) throws IOException {
    read(header + "\n" + row + "\n");

    Refused refused = refused();
    assertThat(refused.line()).isEqualTo(2);
    assertThat(refused.column()).isEqualTo(column);
    assertThat(refused.problem()).contains(problem).doesNotContain("Jane");
    assertThat(refused.remedy()).contains(remedy);
  }

  @Test
  void aRefusedRowTakesNoOtherAlong() throws IOException {
    assertThat(read("name,email\nJane Doe,jane@example.com\nMax,max\n\n\"A\nB\",\nLi Wei,\n"))
        .isEqualTo(new Summary(3, 0, 0, 1, 0));
    assertThat(rows).extracting(ImportRow::line).containsExactly(2L, 3L, 5L, 7L);
  }

  @Test
  void aNameOfAMegabyteIsRefusedAlone() throws IOException {
    assertThat(read("name\n" + "Jane ".repeat(1 << 18) + "\nMax Roe\n"))
        .isEqualTo(new Summary(1, 0, 0, 1, 0));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "``|the file is empty",
        "Jane Doe,jane@example.com|column 1 of line 1 has no known title",
        "name,emial|column 2 of line 1",
        "id,reason|no column says whom",
        "name,id,id|column id is there twice"
      })
  void aWrongHeaderIsRefusedWithoutQuotingIt(String header, String problem) {
    assertThatThrownBy(() -> read(header))
        .isInstanceOf(ImportException.class)
        .hasMessageContaining(problem)
        .message()
        .doesNotContain("Jane");
  }

  @Test
  void whatIsNoCsvSaysAfterWhichLine() {
    assertThatThrownBy(() -> read("name\nMax Roe\n\"Jane\" Doe\n"))
        .isInstanceOf(ImportException.class)
        .hasMessageContaining("after line 2")
        .hasMessageContaining("close every quote");
    assertThat(rows).hasSize(1);
    assertThatThrownBy(() -> read("name\nMax Roe\n\"Jane Doe\n"))
        .isInstanceOf(ImportException.class)
        .hasMessageContaining("after line 2");
  }

  @Test
  void progressIsToldWhileAFileStreams() throws IOException {
    Reader endless =
        new Reader() {
          private int row;
          private String rest = "name\n";

          @Override
          public int read(char[] into, int from, int length) {
            if (rest.isEmpty() && row < 25_500) {
              rest = Population.word(row) + " " + Population.word(row++) + "\n";
            }
            int count = Math.min(rest.length(), length);
            rest.getChars(0, count, into, from);
            rest = rest.substring(count);
            return count == 0 ? -1 : count;
          }

          @Override
          public void close() {}
        };

    Summary summary = new CsvImport(NORMAL, id -> null).read(endless, row -> {}, progress::add);

    assertThat(summary.rows()).isEqualTo(25_500);
    assertThat(progress).hasSize(26).startsWith(1_000L, 2_000L).endsWith(25_500L);
  }
}
