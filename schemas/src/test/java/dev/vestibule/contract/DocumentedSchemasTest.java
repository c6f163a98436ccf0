package dev.vestibule.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.vestibule.events.Alert;
import dev.vestibule.events.DeadLetter;
import dev.vestibule.events.Decision;
import dev.vestibule.events.Delivery;
import dev.vestibule.events.Person;
import dev.vestibule.events.VisitorEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DocumentedSchemasTest {
  private static final Set<String> TAGS = Set.of("personal", "pseudonym", "sealed");

  static List<Schema> contracts() {
    return ReleasedSchemasTest.contracts();
  }

  @ParameterizedTest
  @MethodSource("contracts")
  void everythingIsDocumented(Schema schema) {
    List<String> silent = new ArrayList<>();
    if (isBlank(schema.getDoc())) {
      silent.add(schema.getName());
    }
    fields(schema, schema.getName())
        .forEach((path, field) -> {
          if (isBlank(field.doc())) {
            silent.add(path);
          }
          Schema named = named(field.schema());
          if (named != null && isBlank(named.getDoc())) {
            silent.add(path + " (" + named.getName() + ")");
          }
        });

    assertThat(silent).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("contracts")
  void tagsAreKnownWords(Schema schema) {
    fields(schema, schema.getName())
        .forEach((path, field) -> {
          if (field.getProp("pii") != null) {
            assertThat(field.getProp("pii")).as(path).isIn(TAGS);
          }
        });
  }

  @Test
  void personalFieldsAreTagged() {
    Map<String, Schema.Field> fields = fields(VisitorEvent.getClassSchema(), "event");

    List<String> tagged =
        fields.entrySet().stream()
            .filter(entry -> entry.getValue().getProp("pii") != null)
            .map(Map.Entry::getKey)
            .toList();

    assertThat(tagged)
        .containsExactlyInAnyOrder(
            "event.person.id",
            "event.person.full_name",
            "event.person.first_name",
            "event.person.last_name",
            "event.person.email",
            "event.person.phone",
            "event.person.company",
            "event.person.subject_key",
            "event.host.id",
            "event.host.full_name",
            "event.host.email",
            "event.visit.purpose",
            "event.screening",
            "event.credential.fingerprint",
            "event.credential.sealed",
            "event.outcome.message",
            "event.attributes");
  }

  /** A new field of a person is personal until somebody says otherwise here. */
  @Test
  void everyFieldOfAPersonButItsKindIsTagged() {
    assertThat(Person.getClassSchema().getFields())
        .filteredOn(field -> field.getProp("pii") == null)
        .extracting(Schema.Field::name)
        .containsExactly("kind");
  }

  @Test
  void originalOfADeadLetterIsTagged() {
    assertThat(DeadLetter.getClassSchema().getField("original").getProp("pii"))
        .isEqualTo("personal");
    assertThat(DeadLetter.getClassSchema().getField("original_key").getProp("pii"))
        .isEqualTo("pseudonym");
  }

  /** Who the visitor is stays out of the record, so that the tags below can be all. */
  @Test
  void aDecisionHoldsNothingOfTheVisitorInClear() {
    assertThat(fields(Decision.getClassSchema(), "decision").values())
        .filteredOn(field -> field.getProp("pii") != null)
        .extracting(Schema.Field::name, field -> field.getProp("pii"))
        .containsExactlyInAnyOrder(
            tuple("visit_key", "pseudonym"), tuple("inputs_hash", "pseudonym"));
  }

  @Test
  void anAlertHoldsNothingOfTheVisitorInClear() {
    assertThat(fields(Alert.getClassSchema(), "alert").values())
        .filteredOn(field -> field.getProp("pii") != null)
        .extracting(Schema.Field::name, field -> field.getProp("pii"))
        .containsExactly(tuple("visit_key", "pseudonym"));
  }

  @Test
  void aDeliveryHoldsNothingOfTheVisitor() {
    assertThat(fields(Delivery.getClassSchema(), "delivery").values())
        .allSatisfy(field -> assertThat(field.getProp("pii")).isNull());
  }

  private static Map<String, Schema.Field> fields(Schema record, String path) {
    Map<String, Schema.Field> fields = new TreeMap<>();
    for (Schema.Field field : record.getFields()) {
      String name = path + "." + field.name();
      fields.put(name, field);
      Schema named = named(field.schema());
      if (named != null && named.getType() == Schema.Type.RECORD) {
        fields.putAll(fields(named, name));
      }
    }
    return fields;
  }

  private static @Nullable Schema named(Schema schema) {
    return switch (schema.getType()) {
      case RECORD, ENUM, FIXED -> schema;
      default -> null;
    };
  }

  private static boolean isBlank(@Nullable String text) {
    return text == null || text.isBlank();
  }
}
