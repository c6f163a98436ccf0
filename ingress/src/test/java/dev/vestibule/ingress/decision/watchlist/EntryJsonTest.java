package dev.vestibule.ingress.decision.watchlist;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vestibule.ingress.decision.watchlist.Change.Malformed;
import dev.vestibule.ingress.decision.watchlist.Change.Put;
import dev.vestibule.ingress.decision.watchlist.Change.Remove;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EntryJsonTest {
  @Test
  void theFormOfARecordIsFixed() {
    Entry entry =
        new Entry(
            "id-1",
            List.of("Jane Doe", "J. \"Müller\""),
            List.of("jane@example.com"),
            List.of("+49301234567"),
            List.of("Acme"),
            Set.of("paris", "berlin"),
            Instant.parse("2027-01-31T00:00:00.123456Z"),
            "because",
            Origin.MANUAL);
    String json =
        "{\"names\":[\"Jane Doe\",\"J. \\\"Müller\\\"\"],\"emails\":[\"jane@example.com\"],"
            + "\"phones\":[\"+49301234567\"],\"companies\":[\"Acme\"],"
            + "\"sites\":[\"berlin\",\"paris\"],\"expires\":\"2027-01-31T00:00:00.123Z\","
            + "\"reason\":\"because\",\"origin\":\"manual\"}";

    assertThat(new String(EntryJson.write(entry), UTF_8)).isEqualTo(json);
    assertThat(EntryJson.read("id-1", json.getBytes(UTF_8))).isEqualTo(new Put(entry));
    assertThat(EntryJson.write(Entries.named("id-2", "Jane Doe")))
        .isEqualTo("{\"names\":[\"Jane Doe\"],\"origin\":\"manual\"}".getBytes(UTF_8));
  }

  @Test
  void noValueRemovesTheEntry() {
    assertThat(EntryJson.read("id-1", null)).isEqualTo(new Remove("id-1"));
  }

  @Test
  void anyEntrySurvivesItsRecord() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 2_000; i++) {
      Entry entry = Entries.random("id-" + i, random);
      assertThat(EntryJson.read(entry.id(), EntryJson.write(entry)))
          .as("seed %d", seed)
          .isEqualTo(new Put(entry));
    }
    Entry odd = Entries.named("odd", "\uD800 Jane\u0000 Doe \uDC00", "\u202Eeod\"\\\n");
    assertThat(EntryJson.read("odd", EntryJson.write(odd))).isEqualTo(new Put(odd));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "id | {                                       | record   | JSON object",
        "id | []                                      | record   | JSON object",
        "id | {'names':['a'],'origin':'manual'} x     | record   | JSON object",
        "id | {'names':['a'],'names':['b']}           | record   | repeated",
        "id | {'names':'Jane','origin':'manual'}      | names    | list of texts",
        "id | {'names':['a',7],'origin':'manual'}     | names[1] | text",
        "id | {'names':['a',null],'origin':'manual'}  | names[1] | text",
        "id | {'names':[' '],'origin':'manual'}       | names    | 1 to 300",
        "id | {'names':[],'origin':'manual'}          | names    | empty",
        "id | {'origin':'manual'}                     | names    | empty",
        "id | {'names':['a'],'sites':[],'origin':'manual'} | sites | at least one site",
        "id | {'names':['a'],'sites':'x','origin':'manual'} | sites | list of texts",
        "id | {'names':['a'],'expires':'soon','origin':'manual'} | expires | 2027-01-31T00:00:00Z",
        "id | {'names':['a'],'expires':5,'origin':'manual'} | expires | text",
        "id | {'names':['a'],'expires':'-0500-01-01T00:00:00Z','origin':'manual'} | expires | 1970",
        "id | {'names':['a']}                         | origin   | import, manual or screening",
        "id | {'names':['a'],'origin':'rumour'}       | origin   | import, manual or screening",
        "`` | {'names':['a'],'origin':'manual'}       | id       | 1 to 128",
        "`a\u0007b` | {'names':['a'],'origin':'manual'} | id     | control"
      })
  void aMalformedRecordSaysWhatIsWrong(String key, String json, String field, String problem) {
    Change change = EntryJson.read(key, json.replace('\'', '"').getBytes(UTF_8));

    assertThat(change).isInstanceOf(Malformed.class);
    assertThat(((Malformed) change).field()).isEqualTo(field);
    assertThat(((Malformed) change).problem()).contains(problem).doesNotContain("Jane");
    assertThat(change.id()).isEqualTo(key);
  }

  @Test
  void aRecordWithoutKeyIsMalformed() {
    assertThat(EntryJson.read(null, null))
        .isInstanceOfSatisfying(Malformed.class, bad -> assertThat(bad.field()).isEqualTo("id"));
  }

  @Test
  void fieldsOfLaterVersionsArePassedOver() {
    byte[] later =
        "{\"new\":{\"a\":[1]},\"names\":[\"Jane\"],\"reason\":null,\"origin\":\"manual\"}"
            .getBytes(UTF_8);

    assertThat(EntryJson.read("a", later)).isEqualTo(new Put(Entries.named("a", "Jane")));
  }

  @Test
  void damagedBytesNeverThrowAndNeverTakeOthersAlong() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    Watchlist.Builder builder = new Watchlist.Builder(new Normal("DE"));
    int malformed = 0;
    for (int i = 0; i < 3_000; i++) {
      byte[] value = EntryJson.write(Entries.random("id", random));
      for (int k = random.nextInt(1, 4); k > 0; k--) {
        value[random.nextInt(value.length)] = (byte) random.nextInt();
      }
      value = random.nextInt(4) == 0 ? Arrays.copyOf(value, random.nextInt(value.length)) : value;
      Change change = EntryJson.read("bad-" + i, value);
      malformed += change instanceof Malformed ? 1 : 0;
      builder.add(change);
    }
    builder.add(EntryJson.read("good", EntryJson.write(Entries.named("good", "Xaver Zettel"))));

    assertThat(malformed).as("seed %d", seed).isGreaterThan(1_000);
    assertThat(builder.build().match(Entries.person("Xaver Zettel"), null, Entries.NOW).hits())
        .extracting(Hit::entry)
        .contains("good");
  }

  @Test
  void whatIsTooLargeIsRefusedByNameAndNotByValue() {
    String endless = "Jane".repeat(1 << 18);

    assertThatThrownBy(() -> Entries.named("a", endless))
        .isInstanceOfSatisfying(
            InvalidEntryException.class, e -> assertThat(e.field()).isEqualTo("names"))
        .message()
        .doesNotContain("Jane");
    assertThat(
            EntryJson.read(
                "a", ("{\"names\":[\"" + endless + "\"],\"origin\":\"manual\"}").getBytes(UTF_8)))
        .isInstanceOf(Malformed.class);
    assertThatThrownBy(() -> Entries.named("x".repeat(129), "Jane"))
        .hasMessageContaining("id must have 1 to 128");
  }
}
