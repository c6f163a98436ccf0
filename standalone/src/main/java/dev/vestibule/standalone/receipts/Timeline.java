package dev.vestibule.standalone.receipts;

import dev.vestibule.contract.Topics;
import dev.vestibule.standalone.receipts.Trace.Accepted;
import dev.vestibule.standalone.receipts.Trace.Delivery;
import dev.vestibule.standalone.receipts.Trace.Event;
import dev.vestibule.standalone.receipts.Trace.Letter;
import dev.vestibule.standalone.receipts.Trace.Stuck;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Deliveries as lines for people, and one sentence that says whether anybody has to do anything.
 */
public final class Timeline {
  private static final String NO_TIME = "";

  private Timeline() {}

  /** A line for each stage, with time and position where there are any. */
  public static List<String> lines(Trace trace) {
    List<String> lines = new ArrayList<>();
    Accepted accepted = trace.accepted();
    lines.add(line(accepted.receivedAt(), "accepted", accepted(accepted)));
    if (accepted.storedAt() != null) {
      lines.add(line(accepted.storedAt(), "raw", trace.receipt()));
    }
    trace.events().forEach(event -> event(lines, event));
    for (Letter letter : trace.deadLetters()) {
      lines.add(line(letter.at(), "dead letter", reason(letter) + " at " + letter.position()));
    }
    Stuck stuck = trace.stuck();
    if (stuck != null) {
      lines.add(line(NO_TIME, "waits for", waitsFor(stuck)));
    }
    return lines;
  }

  private static String accepted(Accepted accepted) {
    return accepted.source()
        + " ("
        + Stream.of(accepted.vendor(), accepted.path())
            .filter(Objects::nonNull)
            .collect(Collectors.joining(", "))
        + ")"
        + (accepted.requestId() == null ? "" : " request " + accepted.requestId())
        + (accepted.deliveryId() == null ? "" : " delivery " + accepted.deliveryId());
  }

  private static String waitsFor(Stuck stuck) {
    return stuck.group() == null
        ? "Kafka to take " + stuck.waiting()
        : stuck.stage() + " to read " + stuck.waiting();
  }

  private static void event(List<String> lines, Event event) {
    lines.add(
        line(
            NO_TIME,
            "normalized",
            event.type() + " " + event.eventId() + " at " + event.normalized()));
    if (event.verdict() != null) {
      lines.add(line(NO_TIME, "verdict", verdict(event)));
    }
    event
        .conflicts()
        .forEach(report -> lines.add(line(NO_TIME, "conflict", "reported at " + report)));
    for (Delivery delivery : event.deliveries()) {
      String state =
          delivery.delivered() ? "has it" : "does not have it yet, " + behind(delivery.lag());
      lines.add(line(NO_TIME, delivery.sink(), state));
    }
  }

  private static String verdict(Event event) {
    Trace.First first = event.first();
    String earlier =
        first == null
            ? ""
            : ", a copy of "
                + first.normalized()
                + (first.receipt() == null ? "" : " from " + first.receipt());
    return event.verdict() + (event.position() == null ? "" : " at " + event.position()) + earlier;
  }

  private static String line(@Nullable String time, String stage, String what) {
    return "%-27s  %-12s %s"
        .formatted(time == null ? "" : time, stage, what)
        .replaceAll("\\p{Cntrl}", "?");
  }

  /** Whether and where the deliveries are stuck, and what to do. */
  public static String sentence(List<Trace> traces) {
    Trace worst =
        traces.stream().filter(trace -> !trace.fine()).findFirst().orElse(traces.getLast());
    long open = traces.stream().filter(trace -> !trace.fine()).count();
    String sentence = sentence(worst);
    if (traces.size() == 1) {
      return sentence;
    }
    return open == 0
        ? "All " + traces.size() + " deliveries have come to their end."
        : open
            + " of "
            + traces.size()
            + " deliveries need a look; "
            + worst.receipt()
            + ": "
            + sentence;
  }

  private static String sentence(Trace trace) {
    return switch (trace.state()) {
      case DONE -> done(trace);
      case IGNORED ->
          "Nothing is stuck: the delivery is authentic and of a kind that becomes no event.";
      case DEAD_LETTER -> dead(trace.deadLetters().getFirst());
      case WAITING -> waits(Objects.requireNonNull(trace.stuck(), "stuck"));
      case UNCLEAR ->
          "There is no saying where it is: " + trace.searched().cutShort() + "; ask again.";
    };
  }

  private static String done(Trace trace) {
    boolean emitted =
        trace.events().stream()
            .anyMatch(event -> event.position() != null && event.first() == null);
    List<String> sinks =
        trace.events().stream()
            .flatMap(event -> event.deliveries().stream())
            .map(Delivery::sink)
            .distinct()
            .toList();
    if (!emitted) {
      return "Nothing is stuck: what it says was known already, so there was nothing to deliver.";
    }
    return sinks.isEmpty()
        ? "Nothing is stuck: its events are out, and no configured sink is granted them."
        : "Nothing is stuck: " + String.join(" and ", sinks) + " got what there was to deliver.";
  }

  private static String dead(Letter letter) {
    return "It was given up by the "
        + Objects.requireNonNullElse(letter.stage(), "pipeline")
        + ": "
        + reason(letter)
        + "; nothing repeats it by itself. The letter at "
        + letter.position()
        + " says more (`./vestibule tail "
        + topic(letter.position())
        + "`).";
  }

  private static String topic(String position) {
    return Place.parse(position).map(Place::topic).orElse(Topics.DEAD_LETTERS);
  }

  private static String reason(Letter letter) {
    return Objects.requireNonNullElse(letter.reason(), "unreadable reason")
        + (letter.field() == null ? "" : " in " + letter.field())
        + (letter.expected() == null ? "" : ", expected " + letter.expected());
  }

  private static String waits(Stuck stuck) {
    if (stuck.group() == null) {
      return "It lies safe in the ingress's spool, no longer than since "
          + stuck.since()
          + ", one of "
          + stuck.lag()
          + ". They are published in order as soon as Kafka takes records: look at Kafka.";
    }
    return "It waits for "
        + stuck.stage()
        + ", no longer than since "
        + stuck.since()
        + "; group "
        + stuck.group()
        + " is "
        + behind(stuck.lag())
        + ". "
        + advice(stuck);
  }

  private static String advice(Stuck stuck) {
    if (stuck.pausedFor() != null) {
      return "It stands still while "
          + stuck.pausedFor()
          + " grows; if nobody is at it any more, run `./vestibule topics grow` again.";
    }
    return switch (stuck.members()) {
      case 0 -> "No process of it is running: start it.";
      case -1 -> "Look whether it is running.";
      default -> "It is running: ask again, and if the lag does not shrink look at its log.";
    };
  }

  private static String behind(long lag) {
    return lag + (lag == 1 ? " record behind" : " records behind");
  }
}
