package dev.vestibule.control;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.vestibule.contract.Generation;
import dev.vestibule.control.Growth.Step;
import java.io.IOException;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Everything that the control topic says, as a value: the fold of its records.
 *
 * @param exists whether there is a control topic; without one nothing is ever paused
 * @param generation current generation of the normalized topic
 * @param pauses by the kind that stands still
 * @param growth the growth under way, or null
 * @param writers living writers that have to say so, by name
 */
public record ControlState(
    boolean exists,
    Generation generation,
    Map<WriterKind, Pause> pauses,
    @Nullable Growth growth,
    Map<String, Writer> writers) {
  /** What an installation without control topic obeys. */
  public static final ControlState ABSENT =
      new ControlState(false, Generation.FIRST, Map.of(), null, Map.of());

  static final ControlState EMPTY =
      new ControlState(true, Generation.FIRST, Map.of(), null, Map.of());

  private static final int VERSION = 1;
  private static final String GENERATION = "generation";
  private static final String GROWTH = "growth";
  private static final String PAUSE = "pause/";
  private static final String WRITER = "writer/";
  private static final ObjectMapper JSON = new ObjectMapper();

  public ControlState {
    pauses = Map.copyOf(pauses);
    writers = Map.copyOf(writers);
  }

  /**
   * The last sign of life of a writer.
   *
   * @param obeys id of the pause that it has carried out, or an empty text
   * @param sign offset of the record, which grows with each sign
   */
  public record Writer(String obeys, long sign) {}

  /** What a kind of writer has to do. */
  public Orders orders(WriterKind kind) {
    return new Orders(generation, pauses.get(kind));
  }

  /**
   * The state after one more record.
   *
   * @param value JSON, or null when the record takes something back
   * @throws ControlException when the record is of a version that this build does not know
   */
  ControlState with(String key, byte @Nullable [] value, long offset) {
    JsonNode json = value == null ? null : parse(key, value);
    if (key.equals(GENERATION)) {
      Generation current =
          json == null ? Generation.FIRST : new Generation(json.path("generation").asInt());
      return new ControlState(true, current, pauses, growth, writers);
    }
    if (key.equals(GROWTH)) {
      return new ControlState(
          true, generation, pauses, json == null ? null : growth(json), writers);
    }
    if (key.startsWith(PAUSE)) {
      Optional<WriterKind> kind = WriterKind.byId(key.substring(PAUSE.length()));
      return kind.isEmpty() ? this : with(kind.get(), json);
    }
    if (key.startsWith(WRITER)) {
      Map<String, Writer> changed = new HashMap<>(writers);
      String name = key.substring(WRITER.length());
      if (json == null) {
        changed.remove(name);
      } else {
        changed.put(name, new Writer(json.path("obeys").asText(""), offset));
      }
      return new ControlState(true, generation, pauses, growth, changed);
    }
    return this;
  }

  private ControlState with(WriterKind kind, @Nullable JsonNode json) {
    Map<WriterKind, Pause> changed = new EnumMap<>(WriterKind.class);
    changed.putAll(pauses);
    if (json == null) {
      changed.remove(kind);
    } else {
      changed.put(kind, new Pause(json.path("id").asText(), json.path("topic").asText()));
    }
    return new ControlState(true, generation, changed, growth, writers);
  }

  private static Growth growth(JsonNode json) {
    return new Growth(
        json.path("topic").asText(),
        json.path("partitions").asInt(),
        json.path("generation").asInt(),
        Step.valueOf(json.path("step").asText().toUpperCase(Locale.ROOT)));
  }

  private static JsonNode parse(String key, byte[] value) {
    JsonNode json;
    try {
      json = JSON.readTree(value);
    } catch (IOException e) {
      throw new ControlException("control record '" + key + "' is not JSON");
    }
    if (json.path("version").asInt() != VERSION) {
      throw new ControlException(
          "control record '"
              + key
              + "' has version "
              + json.path("version")
              + ", expected "
              + VERSION
              + "; it was written by another release, use that one");
    }
    return json;
  }

  /** Records of the control topic, as they are written. */
  public static final class Entry {
    private final String key;
    private final byte @Nullable [] value;

    private Entry(String key, byte @Nullable [] value) {
      this.key = key;
      this.value = value;
    }

    public String key() {
      return key;
    }

    /** JSON, or null to take the record before back; not a copy. */
    public byte @Nullable [] value() {
      return value;
    }

    public static Entry generation(Generation current) {
      return new Entry(GENERATION, json(Map.of("generation", current.number())));
    }

    public static Entry growth(Growth growth) {
      return new Entry(
          GROWTH,
          json(
              Map.of(
                  "topic", growth.topic(),
                  "partitions", growth.partitions(),
                  "generation", growth.generation(),
                  "step", growth.step().name().toLowerCase(Locale.ROOT))));
    }

    public static Entry noGrowth() {
      return new Entry(GROWTH, null);
    }

    public static Entry pause(WriterKind kind, Pause pause) {
      return new Entry(PAUSE + kind.id(), json(Map.of("id", pause.id(), "topic", pause.topic())));
    }

    public static Entry resume(WriterKind kind) {
      return new Entry(PAUSE + kind.id(), null);
    }

    static Entry writer(String name, String obeys) {
      return new Entry(WRITER + name, json(Map.of("obeys", obeys)));
    }

    /** A writer that is not there any more. */
    public static Entry gone(String name) {
      return new Entry(WRITER + name, null);
    }

    private static byte[] json(Map<String, Object> fields) {
      Map<String, Object> all = new HashMap<>(fields);
      all.put("version", VERSION);
      try {
        return JSON.writeValueAsBytes(all);
      } catch (IOException e) {
        throw new IllegalStateException("texts and numbers are always JSON", e);
      }
    }
  }
}
