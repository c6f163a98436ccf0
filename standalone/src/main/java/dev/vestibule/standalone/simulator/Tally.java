package dev.vestibule.standalone.simulator;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** How often each effect is expected, or was seen. */
public record Tally(SortedMap<Effect, Integer> counts) {
  public static final Tally NOTHING = new Tally(new TreeMap<>());

  public Tally {
    counts = new TreeMap<>(counts);
  }

  public Tally plus(Effect effect) {
    SortedMap<Effect, Integer> sum = new TreeMap<>(counts);
    sum.merge(effect, 1, Integer::sum);
    return new Tally(sum);
  }

  public Tally plus(Tally other) {
    SortedMap<Effect, Integer> sum = new TreeMap<>(counts);
    other.counts.forEach((effect, count) -> sum.merge(effect, count, Integer::sum));
    return new Tally(sum);
  }

  /** What came on top of an earlier tally. */
  public Tally since(Tally earlier) {
    SortedMap<Effect, Integer> difference = new TreeMap<>();
    counts.forEach((effect, count) -> {
      int more = count - earlier.count(effect);
      if (more != 0) {
        difference.put(effect, more);
      }
    });
    return new Tally(difference);
  }

  public int count(Effect effect) {
    return counts.getOrDefault(effect, 0);
  }

  /** Records on one topic. */
  public int on(String topic) {
    return counts.entrySet().stream()
        .filter(count -> count.getKey().topic().equals(topic))
        .mapToInt(Map.Entry::getValue)
        .sum();
  }

  /** Topics that got anything. */
  public SortedSet<String> topics() {
    SortedSet<String> topics = new TreeSet<>();
    counts.keySet().forEach(effect -> topics.add(effect.topic()));
    return topics;
  }

  /** Whether nothing of the other is missing here. */
  public boolean covers(Tally expected) {
    return expected.counts.entrySet().stream()
        .allMatch(count -> count(count.getKey()) >= count.getValue());
  }

  /** One line for each effect that was seen more or less often than expected. */
  public List<String> differencesFrom(Tally expected) {
    SortedSet<Effect> effects = new TreeSet<>(counts.keySet());
    effects.addAll(expected.counts.keySet());
    List<String> lines = new ArrayList<>();
    for (Effect effect : effects) {
      if (count(effect) != expected.count(effect)) {
        lines.add(
            "%s: %s expected %d, got %d"
                .formatted(effect.topic(), effect.kind(), expected.count(effect), count(effect)));
      }
    }
    return lines;
  }
}
