package dev.vestibule.sink.slack.card;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Many visits in one message, as numbers: what is told when there is more to tell than a channel
 * takes.
 *
 * @param counts how many visits came to stand where
 * @param from when the first did
 * @param to when the last did
 */
public record Digest(Map<Phase, Integer> counts, Instant from, Instant to) implements View {
  public Digest {
    counts = Map.copyOf(counts);
  }

  /** Nothing yet. */
  public static Digest at(Instant from) {
    return new Digest(Map.of(), from, from);
  }

  /** With one visit more. */
  public Digest plus(Phase phase, Instant at) {
    Map<Phase, Integer> more = inOrder();
    more.merge(phase, 1, Integer::sum);
    return new Digest(more, at.isBefore(from) ? at : from, at.isAfter(to) ? at : to);
  }

  /** Without one that is counted elsewhere now. */
  public Digest minus(Phase phase) {
    Map<Phase, Integer> fewer = inOrder();
    int left = fewer.getOrDefault(phase, 0) - 1;
    if (left > 0) {
      fewer.put(phase, left);
    } else {
      fewer.remove(phase);
    }
    return new Digest(fewer, from, to);
  }

  /** How many visits it tells of. */
  public int visits() {
    return counts.values().stream().mapToInt(Integer::intValue).sum();
  }

  @Override
  public Message message(String key, long sequence) {
    List<JsonNode> lines = new ArrayList<>();
    inOrder().forEach((phase, count) -> lines.add(Blocks.plain(line(phase, count), Limits.FIELD)));
    lines.add(Blocks.time("From", from));
    lines.add(Blocks.time("To", to));
    Blocks blocks = new Blocks().header("Many visits at once");
    for (int i = 0; i < lines.size(); i += Limits.FIELDS) {
      blocks.fields(lines.subList(i, Math.min(lines.size(), i + Limits.FIELDS)));
    }
    String told =
        inOrder().entrySet().stream()
            .map(entry -> line(entry.getKey(), entry.getValue()))
            .collect(Collectors.joining(", "));
    return new Message(
        told + ", " + Blocks.utc(from) + " to " + Blocks.utc(to),
        blocks.done(),
        VisitCard.metadata("visit_digest", key, sequence));
  }

  private Map<Phase, Integer> inOrder() {
    Map<Phase, Integer> ordered = new EnumMap<>(Phase.class);
    ordered.putAll(counts);
    return ordered;
  }

  private static String line(Phase phase, int count) {
    return count + (count == 1 ? " visitor " : " visitors ") + phase.inCounts();
  }
}
