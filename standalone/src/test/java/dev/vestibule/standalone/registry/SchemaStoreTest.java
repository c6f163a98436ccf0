package dev.vestibule.standalone.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.vestibule.events.DeadLetter;
import dev.vestibule.events.VisitorEvent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.apache.avro.SchemaFormatter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SchemaStoreTest {
  private static final String EVENT = VisitorEvent.getClassSchema().toString();
  private static final String V1 = record("{'name':'a','type':'string'}");
  private static final String WITH_OPTIONAL =
      record("{'name':'a','type':'string'},{'name':'b','type':'int','default':0}");
  private static final String WITH_REQUIRED =
      record("{'name':'a','type':'string'},{'name':'c','type':'int'}");
  private static final String EMPTY = record("");

  private final MemoryLog log = new MemoryLog();
  private final SchemaStore store = new SchemaStore(log);

  @Test
  void sameSchemaHasOneIdUnderEverySubject() {
    int id = store.register("a-value", EVENT);

    assertThat(store.register("a-value", EVENT)).isEqualTo(id);
    assertThat(store.register("b-value", EVENT)).isEqualTo(id);
    assertThat(store.uses(id))
        .extracting(use -> use.subject())
        .containsExactly("a-value", "b-value");
    assertThat(log.entries).hasSize(2);
  }

  @Test
  void schemaIsTheSameWhateverItsSpacing() {
    int id = store.register("a-value", EVENT);

    assertThat(
            store.register(
                "a-value", SchemaFormatter.format("json/pretty", VisitorEvent.getClassSchema())))
        .isEqualTo(id);
  }

  @Test
  void anotherDocumentationIsAnotherVersion() {
    int id = store.register("a-value", V1);

    int documented =
        store.register("a-value", record("{'name':'a','type':'string','doc':'The letter.'}"));

    assertThat(documented).isNotEqualTo(id);
    assertThat(store.version("a-value", "latest").version()).isEqualTo(2);
  }

  @Test
  void everythingIsThereAfterReplay() {
    int event = store.register("a-value", EVENT);
    int letter = store.register("b-value", DeadLetter.getClassSchema().toString());
    store.register("c-value", EVENT);
    store.level("c-value", CompatibilityLevel.NONE);
    store.level(null, CompatibilityLevel.BACKWARD);
    store.address("http://127.0.0.1:1234");

    SchemaStore again = new SchemaStore(log);

    assertThat(again.subjects()).containsExactly("a-value", "b-value", "c-value");
    assertThat(again.lookup("a-value", EVENT).id()).isEqualTo(event);
    assertThat(again.lookup("c-value", EVENT).id()).isEqualTo(event);
    assertThat(again.version("b-value", "1").id()).isEqualTo(letter);
    assertThat(again.byId(event)).isEqualTo(EVENT);
    assertThat(again.level("c-value")).contains(CompatibilityLevel.NONE);
    assertThat(again.defaultLevel()).isEqualTo(CompatibilityLevel.BACKWARD);
    assertThat(again.address()).contains("http://127.0.0.1:1234");
  }

  @Test
  void foreignEntriesAreNoEntries() {
    assertThat(Entry.read("{\"keytype\":\"NOOP\",\"magic\":0}", "null")).isEmpty();
    assertThat(Entry.read("no json", "{}")).isEmpty();
    assertThat(Entry.read("{\"keytype\":\"SCHEMA\"}", null)).isEmpty();
  }

  /** The record may have been kept although nobody said so; the id must not be given twice. */
  @Test
  void lostAcknowledgementNeverMakesOneIdStandForTwoSchemas() {
    log.loseNextAcknowledgement = true;
    assertThatExceptionOfType(RegistryProblem.class)
        .isThrownBy(() -> store.register("a-value", V1))
        .satisfies(problem -> assertThat(problem.code()).isEqualTo(50002));

    int event = store.register("b-value", EVENT);
    int first = store.register("a-value", V1);

    SchemaStore again = new SchemaStore(log);
    assertThat(event).isNotEqualTo(first);
    assertThat(again.byId(event)).isEqualTo(EVENT);
    assertThat(again.byId(first)).isEqualTo(V1);
    assertThat(again.lookup("a-value", V1).id()).isEqualTo(first);
    assertThat(again.versions("a-value")).hasSize(1);
  }

  @Test
  void notAcknowledgedIsNotShown() {
    log.loseNextAcknowledgement = true;

    assertThatExceptionOfType(RegistryProblem.class)
        .isThrownBy(() -> store.register("a-value", V1))
        .satisfies(problem -> assertThat(problem.status()).isEqualTo(503));

    assertThat(store.subjects()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "FULL_TRANSITIVE, optional, true",
    "FULL_TRANSITIVE, required, false",
    "FULL_TRANSITIVE, empty, false",
    "BACKWARD, optional, true",
    "BACKWARD, required, false",
    "BACKWARD, empty, true",
    "FORWARD, required, true",
    "FORWARD, empty, false",
    "NONE, required, true",
  })
  void levelDecidesWhatMayFollow(CompatibilityLevel level, String next, boolean accepted) {
    store.level("s-value", level);
    store.register("s-value", V1);
    String schema =
        switch (next) {
          case "optional" -> WITH_OPTIONAL;
          case "required" -> WITH_REQUIRED;
          default -> EMPTY;
        };

    assertThat(store.problems("s-value", "latest", schema).isEmpty()).isEqualTo(accepted);
    if (accepted) {
      assertThat(store.register("s-value", schema)).isPositive();
    } else {
      assertThatExceptionOfType(RegistryProblem.class)
          .isThrownBy(() -> store.register("s-value", schema))
          .satisfies(problem -> assertThat(problem.status()).isEqualTo(409));
    }
  }

  @Test
  void transitiveLooksFurtherThanTheLatest() {
    store.level("s-value", CompatibilityLevel.BACKWARD);
    store.register("s-value", WITH_REQUIRED);
    store.register("s-value", V1);
    String old = record("{'name':'a','type':'string'},{'name':'c','type':'string','default':''}");

    assertThat(store.problems("s-value", null, old)).isEmpty();
    store.level("s-value", CompatibilityLevel.BACKWARD_TRANSITIVE);
    assertThat(store.problems("s-value", null, old))
        .singleElement()
        .asString()
        .contains("TYPE_MISMATCH at /fields/1/type");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "{\"type\":\"record\"}",
        "\"no-such-type\"",
        "[1]",
        "{\"type\":\"array\",\"items\":\"Gone\"}"
      })
  void brokenSchemaIsRefused(String text) {
    assertThatExceptionOfType(RegistryProblem.class)
        .isThrownBy(() -> store.register("s-value", text))
        .satisfies(problem -> assertThat(problem.code()).isEqualTo(42201));
  }

  private static String record(String fields) {
    return "{'type':'record','name':'R','fields':[%s]}".formatted(fields).replace('\'', '"');
  }

  private static final class MemoryLog implements RegistryLog {
    private final List<Entry> entries = new ArrayList<>();
    private boolean loseNextAcknowledgement;

    @Override
    public void replay(BiConsumer<Entry, Long> reader) {
      for (int i = 0; i < entries.size(); i++) {
        Entry kept = entries.get(i);
        reader.accept(Entry.read(kept.key(), kept.value()).orElseThrow(), (long) i);
      }
    }

    @Override
    public long append(Entry entry) throws IOException {
      entries.add(entry);
      if (loseNextAcknowledgement) {
        loseNextAcknowledgement = false;
        throw new IOException("lost");
      }
      return entries.size() - 1L;
    }

    @Override
    public void close() {}
  }
}
