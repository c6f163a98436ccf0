package dev.vestibule.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.events.Alert;
import dev.vestibule.events.ConflictReport;
import dev.vestibule.events.DeadLetter;
import dev.vestibule.events.Decision;
import dev.vestibule.events.Delivery;
import dev.vestibule.events.DuplicateReport;
import dev.vestibule.events.Review;
import dev.vestibule.events.VisitorEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Current schemas read, and are read by, every version that was ever released (full transitive). A
 * release adds a file to {@code released/<Name>/}; no file there ever changes.
 */
class ReleasedSchemasTest {
  private static final Path RELEASED = Path.of("src/main/avro/released");

  static List<Schema> contracts() {
    return List.of(
        VisitorEvent.getClassSchema(),
        DeadLetter.getClassSchema(),
        DuplicateReport.getClassSchema(),
        ConflictReport.getClassSchema(),
        Decision.getClassSchema(),
        Alert.getClassSchema(),
        Delivery.getClassSchema(),
        Review.getClassSchema());
  }

  @ParameterizedTest
  @MethodSource("contracts")
  void currentSchemaIsFullTransitiveCompatible(Schema current) {
    List<String> problems = new ArrayList<>();
    for (Schema released : released(current.getName())) {
      problems.addAll(problems(current, released));
    }

    assertThat(problems).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("contracts")
  void versionsAreCountedFromOne(Schema current) throws IOException {
    try (Stream<Path> files = Files.list(RELEASED.resolve(current.getName()))) {
      List<String> names = files.map(file -> file.getFileName().toString()).sorted().toList();

      assertThat(names)
          .isNotEmpty()
          .containsExactlyInAnyOrderElementsOf(
              IntStream.rangeClosed(1, names.size()).mapToObj(n -> n + ".avsc").toList());
    }
  }

  /** Changes that must not get through; the check is worth nothing if it lets one pass. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          a required field is added     | "fields":[{"name":"event_id"         | "fields":[{"name":"new","type":"string","doc":"New."},{"name":"event_id"
          a required field is removed   | {"name":"path","type":%s,"doc"       | {"name":"path","type":["null",%s],"default":null,"doc"
          a type is changed             | "name":"partition","type":"int"      | "name":"partition","type":"string"
          a field is renamed            | "name":"event_id"                    | "name":"id"
          a name changes                | "name":"Visit",                      | "name":"Stay",
          a symbol of a closed enum goes | ["STANDARD","RESTRICTED","HEALTH"],"default":"HEALTH" | ["RESTRICTED","HEALTH"]
          """)
  void seededIncompatibleChangeIsFound(String change, String from, String to) {
    String string = "{\"type\":\"string\",\"avro.java.string\":\"String\"}";
    String text = VisitorEvent.getClassSchema().toString();
    String before = from.replace("%s", string);
    assertThat(text).as(change).contains(before);
    Schema changed = new Schema.Parser().parse(text.replace(before, to.replace("%s", string)));

    List<String> problems = new ArrayList<>();
    for (Schema released : released("VisitorEvent")) {
      problems.addAll(problems(changed, released));
    }

    assertThat(problems).as(change).isNotEmpty();
  }

  /** Changes that are allowed; a check that refuses everything is worth nothing either. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          an optional field is added | "fields":[{"name":"event_id" | "fields":[{"name":"new","type":["null","string"],"default":null,"doc":"New."},{"name":"event_id"
          an event type is added     | "SETTINGS_UPDATED",          | "SETTINGS_UPDATED","TELEPORTED",
          """)
  void seededCompatibleChangePasses(String change, String from, String to) {
    String text = VisitorEvent.getClassSchema().toString();
    assertThat(text).as(change).contains(from);
    Schema changed = new Schema.Parser().parse(text.replace(from, to));

    for (Schema released : released("VisitorEvent")) {
      assertThat(problems(changed, released)).as(change).isEmpty();
    }
  }

  private static List<Schema> released(String name) {
    try (Stream<Path> files = Files.list(RELEASED.resolve(name))) {
      List<Schema> schemas = new ArrayList<>();
      for (Path file : files.toList()) {
        schemas.add(new Schema.Parser().parse(file.toFile()));
      }
      return schemas;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> problems(Schema a, Schema b) {
    List<String> problems = new ArrayList<>();
    problems.addAll(oneWay(a, b));
    problems.addAll(oneWay(b, a));
    return problems;
  }

  private static List<String> oneWay(Schema reader, Schema writer) {
    return SchemaCompatibility.checkReaderWriterCompatibility(reader, writer)
        .getResult()
        .getIncompatibilities()
        .stream()
        .map(problem -> problem.getType() + " at " + problem.getLocation())
        .toList();
  }
}
