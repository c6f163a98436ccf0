package dev.vestibule.standalone.registry;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the registry knows. Readers see a state that never changes under them and never wait; one
 * writer at a time decides, writes to the log, and only then shows the new state.
 */
final class SchemaStore {
  private static final Logger LOG = LoggerFactory.getLogger(SchemaStore.class);
  static final CompatibilityLevel DEFAULT_LEVEL = CompatibilityLevel.FULL_TRANSITIVE;

  /** A version of a subject as it is shown. */
  record Registered(String subject, int version, int id, Schema schema, String text) {}

  private record State(
      Map<Integer, String> texts,
      Map<String, List<Registered>> subjects,
      Map<String, CompatibilityLevel> levels,
      CompatibilityLevel defaultLevel,
      @Nullable String address) {}

  private final RegistryLog log;
  private volatile State state =
      new State(Map.of(), new TreeMap<>(), Map.of(), DEFAULT_LEVEL, null);

  /** Reads the log to its end. */
  SchemaStore(RegistryLog log) {
    this.log = log;
    log.replay(this::apply);
  }

  /**
   * Adds a schema to a subject, or finds it there.
   *
   * @return its id
   */
  synchronized int register(String subject, String text) {
    Schema schema = parse(text);
    Optional<Registered> known = find(subject, schema);
    if (known.isPresent()) {
      return known.get().id();
    }
    List<Registered> versions = state.subjects.getOrDefault(subject, List.of());
    List<String> problems =
        levelFor(subject).problems(schema, versions.stream().map(Registered::schema).toList());
    if (!problems.isEmpty()) {
      throw RegistryProblem.incompatible(subject, problems.toString());
    }
    int version = versions.isEmpty() ? 1 : versions.getLast().version() + 1;
    append(new Entry.Version(subject, version, idOf(schema.toString()), schema.toString()));
    return versions(subject).getLast().id();
  }

  /** The version of a subject that holds this schema. */
  Registered lookup(String subject, String text) {
    Schema schema = parse(text);
    versions(subject);
    return find(subject, schema).orElseThrow(RegistryProblem::unknownSchema);
  }

  String byId(int id) {
    String text = state.texts.get(id);
    if (text == null) {
      throw RegistryProblem.unknownSchema();
    }
    return text;
  }

  /** Every place that holds the schema of an id. */
  List<Registered> uses(int id) {
    byId(id);
    return state.subjects.values().stream()
        .flatMap(List::stream)
        .filter(registered -> registered.id() == id)
        .toList();
  }

  List<String> subjects() {
    return List.copyOf(state.subjects.keySet());
  }

  /** The versions of a subject, oldest first. */
  List<Registered> versions(String subject) {
    List<Registered> versions = state.subjects.get(subject);
    if (versions == null) {
      throw RegistryProblem.unknownSubject(subject);
    }
    return versions;
  }

  /**
   * One version.
   *
   * @param version a number, {@code latest} or {@code -1}
   */
  Registered version(String subject, String version) {
    List<Registered> versions = versions(subject);
    if (version.equals("latest") || version.equals("-1")) {
      return versions.getLast();
    }
    int number;
    try {
      number = Integer.parseInt(version);
    } catch (NumberFormatException e) {
      throw RegistryProblem.invalidVersion(version);
    }
    if (number < 1) {
      throw RegistryProblem.invalidVersion(version);
    }
    return versions.stream()
        .filter(registered -> registered.version() == number)
        .findFirst()
        .orElseThrow(() -> RegistryProblem.unknownVersion(version));
  }

  /**
   * What stands against a schema in a subject.
   *
   * @param version compare with this version alone, or with all when null
   */
  List<String> problems(String subject, @Nullable String version, String text) {
    Schema schema = parse(text);
    List<Schema> compared;
    if (version == null) {
      compared =
          state.subjects.getOrDefault(subject, List.of()).stream().map(Registered::schema).toList();
    } else {
      compared = List.of(version(subject, version).schema());
    }
    return levelFor(subject).problems(schema, compared);
  }

  CompatibilityLevel defaultLevel() {
    return state.defaultLevel;
  }

  /** The level of the subject itself, if it has one. */
  Optional<CompatibilityLevel> level(String subject) {
    return Optional.ofNullable(state.levels.get(subject));
  }

  synchronized void level(@Nullable String subject, CompatibilityLevel level) {
    append(new Entry.Level(subject, level));
  }

  /** Tells others where the registry listens. */
  synchronized void address(String url) {
    if (!url.equals(state.address)) {
      append(new Entry.Address(url));
    }
  }

  /** What the log says about where the registry listens. */
  Optional<String> address() {
    return Optional.ofNullable(state.address);
  }

  private CompatibilityLevel levelFor(String subject) {
    return state.levels.getOrDefault(subject, state.defaultLevel);
  }

  /** By text, which covers documentation and properties, unlike equality of schemas. */
  private Optional<Registered> find(String subject, Schema schema) {
    String text = schema.toString();
    return state.subjects.getOrDefault(subject, List.of()).stream()
        .filter(registered -> registered.text().equals(text))
        .findFirst();
  }

  private @Nullable Integer idOf(String text) {
    return state.texts.entrySet().stream()
        .filter(entry -> entry.getValue().equals(text))
        .map(Map.Entry::getKey)
        .min(Integer::compare)
        .orElse(null);
  }

  private void append(Entry entry) {
    long place;
    try {
      place = log.append(entry);
    } catch (IOException e) {
      LOG.atWarn().addKeyValue("reason", e.getMessage()).log("registry entry not acknowledged");
      throw RegistryProblem.notStored();
    }
    apply(entry, place);
  }

  private void apply(Entry entry, long place) {
    State old = state;
    switch (entry) {
      case Entry.Version version -> apply(version, place);
      case Entry.Level(String subject, CompatibilityLevel level) -> {
        if (subject == null) {
          state = new State(old.texts, old.subjects, old.levels, level, old.address);
        } else {
          Map<String, CompatibilityLevel> levels = new HashMap<>(old.levels);
          levels.put(subject, level);
          state = new State(old.texts, old.subjects, levels, old.defaultLevel, old.address);
        }
      }
      case Entry.Address(String url) ->
          state = new State(old.texts, old.subjects, old.levels, old.defaultLevel, url);
    }
  }

  private void apply(Entry.Version entry, long place) {
    State old = state;
    Integer given = entry.id();
    int id = given == null ? Math.toIntExact(place + 1) : given;
    Registered registered =
        new Registered(entry.subject(), entry.version(), id, parse(entry.schema()), entry.schema());
    Map<Integer, String> texts = new HashMap<>(old.texts);
    texts.put(id, entry.schema());
    Map<String, List<Registered>> subjects = new TreeMap<>(old.subjects);
    List<Registered> versions = new ArrayList<>(subjects.getOrDefault(entry.subject(), List.of()));
    // A record whose acknowledgement was lost may be followed by another one for the same version.
    versions.removeIf(earlier -> earlier.version() == entry.version());
    versions.add(registered);
    subjects.put(entry.subject(), List.copyOf(versions));
    state = new State(texts, subjects, old.levels, old.defaultLevel, old.address);
  }

  private static Schema parse(String text) {
    try {
      Schema schema = new Schema.Parser().parse(text);
      // A name that nothing stands behind is noticed only when the schema is written out.
      return new Schema.Parser().parse(schema.toString());
    } catch (RuntimeException e) {
      throw RegistryProblem.invalidSchema(String.valueOf(e.getMessage()));
    }
  }
}
