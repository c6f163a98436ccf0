package dev.vestibule.normalizer.adapter;

import dev.vestibule.events.EventType;
import java.util.Arrays;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/** Event fields that a source's {@code mapping} may fill, by their names in the event. */
public final class FieldMapping {
  private static final String SUBJECT_KEY = "subject_key";

  private FieldMapping() {}

  /** Whether a mapping may name this field. */
  public static boolean knows(String field) {
    Draft probe = new Draft(EventType.OTHER, null);
    return field.equals("screening") || slot(probe, field) != null;
  }

  /** The event type of that name, whatever its case. */
  public static Optional<EventType> type(String name) {
    return Arrays.stream(EventType.values())
        .filter(type -> type.name().equalsIgnoreCase(name.strip()))
        .findFirst();
  }

  /** Fills a field of the draft; does nothing for an unknown field or an absent value. */
  public static void fill(Draft draft, String field, @Nullable String value) {
    if (value == null) {
      return;
    }
    if (field.equals("screening")) {
      draft.screening(value);
      return;
    }
    Slot slot = slot(draft, field);
    if (slot != null) {
      slot.group().put(slot.position(), slot.isTime() ? Times.parse(value) : value);
    }
  }

  private record Slot(SpecificRecord group, int position, boolean isTime) {}

  private static @Nullable Slot slot(Draft draft, String field) {
    int dot = field.indexOf('.');
    SpecificRecord group = dot < 0 ? null : group(draft, field.substring(0, dot));
    if (group == null || field.endsWith(SUBJECT_KEY)) {
      return null;
    }
    Schema.Field slot = group.getSchema().getField(field.substring(dot + 1));
    if (slot == null) {
      return null;
    }
    boolean isTime =
        slot.schema().getTypes().stream().anyMatch(type -> type.getType() == Schema.Type.LONG);
    return new Slot(group, slot.pos(), isTime);
  }

  private static @Nullable SpecificRecord group(Draft draft, String name) {
    return switch (name) {
      case "visit" -> draft.visit();
      case "person" -> draft.person();
      case "host" -> draft.host();
      case "site" -> draft.site();
      case "outcome" -> draft.outcome();
      default -> null;
    };
  }
}
