package dev.vestibule.sink.access.target.unifi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.vestibule.sink.access.target.TargetException;
import dev.vestibule.sink.access.target.TargetException.Kind;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The console's doors and groups of doors, read when a zone is met that was not known. */
final class UnifiDoors {
  private final UnifiApi api;
  private volatile Map<String, Set<String>> doorsOfGroups = Map.of();
  private volatile Set<String> doors = Set.of();

  UnifiDoors(UnifiApi api) {
    this.api = api;
  }

  /**
   * Zones as a visitor's resources.
   *
   * @throws TargetException {@code REJECTED} for a zone that the console does not have
   */
  ArrayNode resources(Set<String> zones) throws TargetException, InterruptedException {
    know(zones);
    ArrayNode resources = JsonNodeFactory.instance.arrayNode();
    for (String zone : new TreeSet<>(zones)) {
      resources
          .addObject()
          .put("id", zone)
          .put("type", doors.contains(zone) ? "door" : "door_group");
    }
    return resources;
  }

  /** The doors behind zones. */
  Set<String> doorsOf(Set<String> zones) throws TargetException, InterruptedException {
    know(zones);
    Set<String> found = new TreeSet<>();
    for (String zone : zones) {
      found.addAll(
          doors.contains(zone) ? Set.of(zone) : doorsOfGroups.getOrDefault(zone, Set.of()));
    }
    return found;
  }

  /** Whether doors are named one by one: the console then shows a group that it made up. */
  boolean namesDoors(Set<String> zones) {
    return zones.stream().anyMatch(doors::contains);
  }

  private void know(Set<String> zones) throws TargetException, InterruptedException {
    if (!zones.stream().allMatch(this::isKnown)) {
      load();
      for (String zone : zones) {
        if (!isKnown(zone)) {
          throw new TargetException(
              Kind.REJECTED,
              "UniFi Access: zone '"
                  + zone
                  + "' is neither a door nor a door group of the console");
        }
      }
    }
  }

  private boolean isKnown(String zone) {
    return doors.contains(zone) || doorsOfGroups.containsKey(zone);
  }

  private void load() throws TargetException, InterruptedException {
    Map<String, Set<String>> groups = new HashMap<>();
    Set<String> all = new HashSet<>();
    for (JsonNode group : api.read("list doors", "/door_groups/topology").path("data")) {
      Set<String> inGroup = new TreeSet<>();
      for (JsonNode floor : group.path("resource_topologies")) {
        for (JsonNode door : floor.path("resources")) {
          inGroup.add(door.path("id").asText());
        }
      }
      groups.put(group.path("id").asText(), Set.copyOf(inGroup));
      all.addAll(inGroup);
    }
    doors = Set.copyOf(all);
    doorsOfGroups = Map.copyOf(groups);
  }
}
