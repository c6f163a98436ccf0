package dev.vestibule.standalone.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a controller of doors knows: which grants stand, which doors are locked, and what it was
 * told. Does a receiver's duties: a message that came before counts once, what is older than the
 * last one of its grant changes nothing, and a grant that comes too late opens nothing.
 */
final class DoorBook {
  private static final String EVERY_DOOR = "*";

  private final Set<String> zones = new TreeSet<>();
  private final Set<String> known = new HashSet<>();
  private final Map<String, Long> sequences = new HashMap<>();
  private final Map<String, Standing> standing = new LinkedHashMap<>();
  private final Set<String> locked = new HashSet<>();
  private final List<Noted> history = new ArrayList<>();

  /**
   * @param zones that are there, whether somebody has a grant for them or not
   */
  DoorBook(Set<String> zones) {
    this.zones.addAll(zones);
  }

  /**
   * A grant that was taken in.
   *
   * @param visitor what a guard reads
   */
  record Standing(long sequence, Instant from, Instant until, Set<String> zones, String visitor) {
    Standing {
      zones = Set.copyOf(zones);
    }

    boolean holds(Instant now) {
      return !now.isBefore(from) && now.isBefore(until);
    }

    /** Leaves the visitor out. */
    @Override
    public String toString() {
      return "Standing[#" + sequence + " " + from + "/" + until + " " + zones + "]";
    }
  }

  /** What was made of a message. */
  enum Made {
    GRANTED,
    REVOKED,
    LOCKED,
    RELEASED,
    ERASED,
    /** It came before. */
    REPEATED,
    /** A newer one of its grant came before. */
    OUTDATED,
    /** A grant that must not be given any more. */
    TOO_LATE,
    /** Of no kind that is known here. */
    IGNORED
  }

  /**
   * One message.
   *
   * @param at when it was noted
   * @param subject grant key, or the zones of a lockdown
   */
  record Noted(Instant at, String type, String subject, Made made) {}

  /**
   * Takes a genuine message in.
   *
   * @param id the same for every copy
   * @throws IllegalArgumentException when it is not of the form that is laid down; nothing is noted
   */
  synchronized Made take(String id, JsonNode message, Instant now) {
    String type = message.path("type").asText();
    JsonNode data = message.path("data");
    String key = data.path("grant_key").asText();
    Made made =
        known.contains(id)
            ? Made.REPEATED
            : switch (type) {
              case "visitor.access.grant" -> grant(key, data, now);
              case "visitor.access.revoke" -> revoke(key, data);
              case "visitor.access.erase" -> erase(key);
              case "site.lockdown.start" -> lock(data, true);
              case "site.lockdown.end" -> lock(data, false);
              default -> Made.IGNORED;
            };
    known.add(id);
    history.add(new Noted(now, type, key.isEmpty() ? String.join(" ", zones(data)) : key, made));
    return made;
  }

  private Made grant(String key, JsonNode data, Instant now) {
    Standing fresh =
        new Standing(
            data.path("sequence").asLong(),
            time(data, "valid_from"),
            time(data, "valid_until"),
            zones(data),
            data.path("visitor").path("display_name").asText());
    Instant notAfter = time(data, "not_after");
    if (!isNewer(key, fresh.sequence())) {
      return Made.OUTDATED;
    }
    if (now.isAfter(notAfter)) {
      return Made.TOO_LATE;
    }
    zones.addAll(fresh.zones());
    standing.put(key, fresh);
    return Made.GRANTED;
  }

  private Made revoke(String key, JsonNode data) {
    if (!isNewer(key, data.path("sequence").asLong())) {
      return Made.OUTDATED;
    }
    standing.remove(key);
    return Made.REVOKED;
  }

  private Made erase(String key) {
    standing.computeIfPresent(
        key, (_, old) -> new Standing(old.sequence(), old.from(), old.until(), old.zones(), ""));
    return Made.ERASED;
  }

  private Made lock(JsonNode data, boolean lock) {
    Set<String> meant = zones(data);
    Set<String> all = meant.isEmpty() ? Set.of(EVERY_DOOR) : meant;
    zones.addAll(meant);
    if (lock) {
      locked.addAll(all);
    } else if (meant.isEmpty()) {
      locked.clear();
    } else {
      locked.removeAll(all);
    }
    return lock ? Made.LOCKED : Made.RELEASED;
  }

  private boolean isNewer(String key, long sequence) {
    if (key.isEmpty() || sequence < 1) {
      throw new IllegalArgumentException("data.grant_key and data.sequence are needed");
    }
    Long last = sequences.get(key);
    if (last != null && sequence <= last) {
      return false;
    }
    sequences.put(key, sequence);
    return true;
  }

  private static Instant time(JsonNode data, String field) {
    try {
      return Instant.parse(data.path(field).asText());
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("data." + field + " is needed", e);
    }
  }

  private static Set<String> zones(JsonNode data) {
    Set<String> zones = new TreeSet<>();
    data.path("zones").forEach(zone -> zones.add(zone.asText()));
    return zones;
  }

  /** Grants that were given and not taken back, by key; also those that are not of now. */
  synchronized Map<String, Standing> standing() {
    return Map.copyOf(standing);
  }

  /** Everything that was noted, in order. */
  synchronized List<Noted> history() {
    return List.copyOf(history);
  }

  /**
   * One door.
   *
   * @param visitors who may open it now
   */
  record Door(String zone, boolean locked, List<String> visitors) {
    Door {
      visitors = List.copyOf(visitors);
    }

    /** Leaves the visitors out. */
    @Override
    public String toString() {
      return "Door[" + zone + (locked ? " locked" : "") + " " + visitors.size() + "]";
    }
  }

  /** All doors as they are at a moment, by name. A locked door opens for nobody. */
  synchronized List<Door> doors(Instant now) {
    Map<String, List<String>> visitors = new TreeMap<>();
    zones.forEach(zone -> visitors.put(zone, new ArrayList<>()));
    for (Standing one : standing.values()) {
      if (one.holds(now)) {
        one.zones()
            .forEach(
                zone -> visitors.computeIfAbsent(zone, _ -> new ArrayList<>()).add(one.visitor()));
      }
    }
    return visitors.entrySet().stream()
        .map(door -> {
          boolean shut = locked.contains(EVERY_DOOR) || locked.contains(door.getKey());
          return new Door(door.getKey(), shut, shut ? List.of() : door.getValue());
        })
        .toList();
  }
}
