package dev.vestibule.standalone.registry;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaPairCompatibility;

/** Which earlier schemas a new one must get along with, and in which direction. */
enum CompatibilityLevel {
  NONE(false, false, false),
  BACKWARD(true, false, false),
  BACKWARD_TRANSITIVE(true, false, true),
  FORWARD(false, true, false),
  FORWARD_TRANSITIVE(false, true, true),
  FULL(true, true, false),
  FULL_TRANSITIVE(true, true, true);

  private final boolean readsOld;
  private final boolean readByOld;
  private final boolean transitive;

  CompatibilityLevel(boolean readsOld, boolean readByOld, boolean transitive) {
    this.readsOld = readsOld;
    this.readByOld = readByOld;
    this.transitive = transitive;
  }

  static Optional<CompatibilityLevel> of(String name) {
    return Arrays.stream(values()).filter(level -> level.name().equals(name)).findFirst();
  }

  /**
   * What stands against a new schema.
   *
   * @param earlier schemas of the subject, oldest first
   * @return one line for each problem; none when it fits
   */
  List<String> problems(Schema schema, List<Schema> earlier) {
    List<Schema> compared = transitive || earlier.isEmpty() ? earlier : List.of(earlier.getLast());
    List<String> problems = new ArrayList<>();
    for (Schema old : compared) {
      if (readsOld) {
        check(schema, old, "new schema cannot read data of an earlier one: ", problems);
      }
      if (readByOld) {
        check(old, schema, "an earlier schema cannot read data of the new one: ", problems);
      }
    }
    return problems;
  }

  private static void check(Schema reader, Schema writer, String problem, List<String> problems) {
    SchemaPairCompatibility pair =
        SchemaCompatibility.checkReaderWriterCompatibility(reader, writer);
    pair.getResult()
        .getIncompatibilities()
        .forEach(found ->
            problems.add(
                problem
                    + found.getType()
                    + " at "
                    + found.getLocation()
                    + ": "
                    + found.getMessage()));
  }
}
