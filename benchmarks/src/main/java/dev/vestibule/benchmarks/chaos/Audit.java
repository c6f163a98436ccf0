package dev.vestibule.benchmarks.chaos;

import dev.vestibule.benchmarks.chaos.Evidence.Conflict;
import dev.vestibule.benchmarks.chaos.Evidence.Duplicate;
import dev.vestibule.benchmarks.chaos.Evidence.Event;
import dev.vestibule.benchmarks.chaos.Evidence.Input;
import dev.vestibule.benchmarks.chaos.Evidence.Sent;
import dev.vestibule.contract.Verdict;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Holds what was sent against what came out.
 *
 * <ul>
 *   <li>Every position of {@code visitor.normalized} has exactly one outcome: an event, a duplicate
 *       report, or nothing at all when its transport key lies before it in the same partition
 *       (REPLAY). So NEW + REVISION + CONFLICT + DUPLICATE + REPLAY = input.
 *   <li>Every accepted delivery lies in {@code visitor.normalized}, and its fact in the events
 *       exactly once; a fact that was never accepted lies there at most once.
 *   <li>No event id has two first copies, no content of a fact goes out twice.
 *   <li>Events of a visit have the order of their inputs and of the raw records.
 * </ul>
 */
final class Audit {
  private static final Set<String> EXPECTED =
      Set.of(Verdict.NEW.name(), Verdict.REVISION.name(), Verdict.CONFLICT.name());

  private final Evidence evidence;
  private final Findings findings = new Findings();

  /** The first input with each transport key, and where else the key occurs. */
  private final Map<String, Input> firstByTransport = new HashMap<>();

  private final Set<Place> replays = new HashSet<>();

  /** What was said already: one mishap shows itself to several checks. */
  private final Set<Event> surplus = new HashSet<>();

  private final Set<String> lostRaw = new HashSet<>();

  private Audit(Evidence evidence) {
    this.evidence = evidence;
  }

  static Findings of(Evidence evidence) {
    return new Audit(evidence).findings();
  }

  private Findings findings() {
    readInputs();
    accountForInputs();
    accountForDeliveries();
    findRepeatedEvents();
    checkOrder();
    if (evidence.deadLetters() > 0) {
      findings.unexplained().add(evidence.deadLetters() + " dead letters");
    }
    return findings;
  }

  private void readInputs() {
    for (Input input : evidence.inputs()) {
      Input first = firstByTransport.putIfAbsent(input.transport(), input);
      if (first != null) {
        replays.add(input.place());
        if (first.place().partition() != input.place().partition()) {
          findings
              .unexplained()
              .add("%s was repeated in another partition: %s".formatted(first, input.place()));
        }
      }
    }
  }

  /** Position by position. */
  private void accountForInputs() {
    Map<String, List<Event>> events = group(evidence.events(), Event::transport);
    Map<Place, List<Duplicate>> duplicates = group(evidence.duplicates(), Duplicate::copy);
    Map<Place, List<Conflict>> conflicts = group(evidence.conflicts(), Conflict::second);
    Set<String> unknownTransports = new LinkedHashSet<>(events.keySet());
    Set<Place> unknownPlaces = new LinkedHashSet<>(duplicates.keySet());
    Set<Place> unmarked = new LinkedHashSet<>(conflicts.keySet());
    for (Input input : evidence.inputs()) {
      unknownTransports.remove(input.transport());
      unknownPlaces.remove(input.place());
      boolean replay = replays.contains(input.place());
      List<Event> out = replay ? List.of() : events.getOrDefault(input.transport(), List.of());
      int reports = duplicates.getOrDefault(input.place(), List.of()).size();
      accountFor(input, replay, out, reports);
      boolean conflict =
          out.stream().anyMatch(event -> event.verdict().equals(Verdict.CONFLICT.name()));
      int alarms = conflicts.getOrDefault(input.place(), List.of()).size();
      unmarked.remove(input.place());
      expectReports(input, conflict ? 1 : 0, alarms);
    }
    unknownTransports.forEach(
        transport -> findings.unexplained().add("event of no input: " + events.get(transport)));
    unknownPlaces.forEach(
        place -> findings.unexplained().add("duplicate report of no input: " + place));
    unmarked.forEach(place -> findings.unexplained().add("conflict report of no input: " + place));
  }

  private void accountFor(Input input, boolean replay, List<Event> out, int reports) {
    out.forEach(event -> findings.count(event.verdict()));
    for (int report = 0; report < reports; report++) {
      findings.count(Verdict.DUPLICATE.name());
    }
    int outcomes = out.size() + reports;
    if (replay) {
      findings.count(Verdict.REPLAY.name());
      if (reports > 0) {
        findings.doubled().add(said(input) + " is a replay and was reported as a duplicate");
      }
    } else if (outcomes == 0) {
      lostRaw.add(input.raw());
      findings.lost().add(said(input) + " has no outcome");
    } else if (outcomes > 1) {
      out.stream().skip(1).forEach(surplus::add);
      findings
          .doubled()
          .add(
              "%s has %d outcomes: %s, %d reports"
                  .formatted(said(input), outcomes, places(out), reports));
    }
    for (Event event : out) {
      if (!EXPECTED.contains(event.verdict())) {
        findings.unexplained().add(said(input) + " went out as " + event.verdict());
      }
      if (!event.raw().equals(input.raw()) || !event.key().equals(input.key())) {
        findings.unexplained().add(said(input) + " came out as something else: " + event);
      }
    }
  }

  private void expectReports(Input input, int expected, int found) {
    if (found < expected) {
      findings.lost().add(said(input) + " is a conflict without a report");
    } else if (found > expected) {
      findings
          .doubled()
          .add("%s has %d conflict reports, expected %d".formatted(said(input), found, expected));
    }
  }

  /** From the answer to the events. */
  private void accountForDeliveries() {
    Set<String> raw = evidence.inputs().stream().map(Input::raw).collect(Collectors.toSet());
    Set<String> attempted = evidence.sent().stream().map(Sent::fact).collect(Collectors.toSet());
    Set<String> accepted = new LinkedHashSet<>();
    for (Sent sent : evidence.sent()) {
      if (sent.receipt() != null) {
        if (!lostRaw.contains(sent.receipt())) {
          accepted.add(sent.fact());
        }
        if (!raw.contains(sent.receipt())) {
          accepted.remove(sent.fact());
          findings
              .lost()
              .add(
                  "%s, accepted as %s, was never normalized"
                      .formatted(sent.fact(), sent.receipt()));
        }
      }
    }
    Map<String, List<Event>> events = group(evidence.events(), Event::fact);
    for (String fact : accepted) {
      if (!events.containsKey(fact)) {
        findings.lost().add(fact + " was accepted and is not in the events");
      }
    }
    events.forEach((fact, copies) -> {
      repeated(fact, copies);
      if (!attempted.contains(fact)) {
        findings.unexplained().add(fact + " was never sent: " + places(copies));
      }
    });
  }

  private void findRepeatedEvents() {
    Map<String, List<Event>> byIdentity =
        group(
            evidence.events(),
            event ->
                event.verdict().equals(Verdict.CONFLICT.name())
                    ? "conflict " + event.id() + " " + event.revision()
                    : event.id());
    Map<String, List<Event>> byContent =
        group(
            evidence.events().stream()
                .filter(event -> !event.verdict().equals(Verdict.CONFLICT.name()))
                .toList(),
            event -> event.id().replaceFirst("\\.r[0-9a-f]+$", "") + " " + event.revision());
    byIdentity.forEach((id, copies) -> repeated("event " + id, copies));
    byContent.forEach((content, copies) -> repeated("content " + content, copies));
  }

  private void repeated(String what, List<Event> copies) {
    if (surplus.addAll(copies.subList(1, copies.size()))) {
      findings
          .doubled()
          .add("%s went out %d times: %s".formatted(what, copies.size(), places(copies)));
    }
  }

  private void checkOrder() {
    Map<String, Event> lastOfVisit = new HashMap<>();
    for (Event event : evidence.events()) {
      Event before = lastOfVisit.put(event.topic() + " " + event.key(), event);
      if (before == null) {
        continue;
      }
      if (before.place().partition() != event.place().partition()) {
        findings
            .swapped()
            .add(
                "%s lies in two partitions: %s, %s"
                    .formatted(event.key(), said(before), said(event)));
      }
      Input first = firstByTransport.get(before.transport());
      Input second = firstByTransport.get(event.transport());
      if (first != null && second != null && first.place().compareTo(second.place()) > 0) {
        findings
            .swapped()
            .add(
                "%s: %s came out before %s, but came in after it (%s, %s)"
                    .formatted(
                        event.key(), said(before), said(event), first.place(), second.place()));
      }
      if (rawOffset(before.raw()) > rawOffset(event.raw())) {
        findings
            .swapped()
            .add(
                "%s: %s came out before %s, but was accepted after it"
                    .formatted(event.key(), said(before), said(event)));
      }
    }
  }

  private static long rawOffset(String raw) {
    return Long.parseLong(raw.substring(raw.indexOf('@') + 1));
  }

  private static String said(Input input) {
    return "normalized %s (%s, raw %s)".formatted(input.place(), input.key(), input.raw());
  }

  private static String said(Event event) {
    return "%s %s %s %s".formatted(event.topic(), event.place(), event.type(), event.verdict());
  }

  private static String places(List<Event> events) {
    return events.stream().map(Audit::said).collect(Collectors.joining(", "));
  }

  private static <K, V> Map<K, List<V>> group(List<V> values, Function<V, K> key) {
    Map<K, List<V>> groups = new LinkedHashMap<>();
    for (V value : values) {
      groups.computeIfAbsent(key.apply(value), _ -> new ArrayList<>(1)).add(value);
    }
    return groups;
  }
}
