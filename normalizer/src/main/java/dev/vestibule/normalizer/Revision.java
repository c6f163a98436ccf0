package dev.vestibule.normalizer;

import dev.vestibule.contract.IdentityKey;
import dev.vestibule.events.OccurredAtBasis;
import dev.vestibule.events.VisitorEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * Hash of what an event says, so that two copies of a fact are told from a correction. Absent
 * fields do not count, so a field that a later schema adds changes no revision of old bodies.
 */
final class Revision {
  /** Where the copy came from, what follows from other fields, and sealed bytes (random nonce). */
  private static final Set<String> NOT_CONTENT =
      Set.of(
          "event_id",
          "revision",
          "vendor",
          "account",
          "source",
          "path",
          "origin",
          "received_at",
          "occurred_at",
          "occurred_at_basis",
          "sensitivity",
          "credential.sealed",
          "person.subject_key");

  private Revision() {}

  /** 16 hex digits. */
  static String of(IdentityKey identity, VisitorEvent event) {
    SortedMap<String, String> content = new TreeMap<>();
    collect(content, "", event);
    if (event.getOccurredAtBasis() == OccurredAtBasis.VENDOR) {
      content.put("occurred_at", event.getOccurredAt().toString());
    }
    List<@Nullable String> parts = new ArrayList<>();
    content.forEach((name, value) -> {
      parts.add(name);
      parts.add(value);
    });
    return identity.shortHash("revision", parts.toArray(new @Nullable String[0]));
  }

  private static void collect(SortedMap<String, String> into, String prefix, SpecificRecord from) {
    for (Schema.Field field : from.getSchema().getFields()) {
      String name = prefix + field.name();
      Object value = from.get(field.pos());
      if (value == null || NOT_CONTENT.contains(name)) {
        continue;
      }
      switch (value) {
        case SpecificRecord group -> collect(into, name + ".", group);
        case Map<?, ?> map ->
            map.forEach((key, text) -> into.put(name + "." + key, text.toString()));
        default -> into.put(name, value.toString());
      }
    }
  }
}
