package dev.vestibule.standalone.topics;

import dev.vestibule.control.ControlReader;
import dev.vestibule.control.ControlState;
import dev.vestibule.control.ControlState.Writer;
import dev.vestibule.control.Lease;
import dev.vestibule.control.Pause;
import dev.vestibule.control.WriterKind;
import dev.vestibule.standalone.Failure;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Waits until paused writers stand still. Normalizer and deduper do when nobody is left in their
 * consumer group. An ingress is in no group: it says so itself, and one that says nothing for
 * longer than its lease lasts has stopped by itself.
 */
final class Standstill {
  private static final Duration OF_A_GROUP = Duration.ofSeconds(60);
  private static final Duration OF_AN_INGRESS = Duration.ofSeconds(45);

  /** A lease, the longest send that it may have begun, and room for a slow clock. */
  private static final Duration SILENCE = Lease.LENGTH.multipliedBy(3);

  private final Cluster cluster;
  private final ControlReader reader;
  private final Consumer<String> progress;

  Standstill(Cluster cluster, ControlReader reader, Consumer<String> progress) {
    this.cluster = cluster;
    this.reader = reader;
    this.progress = progress;
  }

  /**
   * @throws Failure when somebody is still in the group after a minute
   */
  void awaitGroup(WriterKind kind, String group) {
    if (!Cluster.await(OF_A_GROUP, () -> cluster.isEmpty(group))) {
      throw new Failure(
          "a "
              + kind.id()
              + " does not stop: group "
              + group
              + " still has members after "
              + OF_A_GROUP.toSeconds()
              + " s; is one of an older release running?");
    }
  }

  /**
   * Returns the names of those that were not heard of, and may be forgotten.
   *
   * @throws Failure when one gives signs of life and does not stop
   */
  List<String> awaitLeased(WriterKind kind, Pause pause) {
    long begin = System.nanoTime();
    Map<String, Writer> first = of(kind, reader.read());
    if (first.isEmpty()) {
      progress.accept(
          "no "
              + kind.id()
              + " is known; waiting "
              + SILENCE.toSeconds()
              + " s for one that could not say so");
      Cluster.await(SILENCE, () -> !of(kind, reader.read()).isEmpty());
    }
    Map<String, Long> heard = new HashMap<>();
    Map<String, Long> signs = new HashMap<>();
    while (true) {
      long now = System.nanoTime();
      Map<String, Writer> writers = of(kind, reader.read());
      writers.forEach((name, writer) -> {
        Long sign = signs.put(name, writer.sign());
        if (sign == null) {
          heard.put(name, begin);
        } else if (sign != writer.sign()) {
          heard.put(name, now);
        }
      });
      List<String> moving =
          writers.entrySet().stream()
              .filter(writer -> !writer.getValue().obeys().equals(pause.id()))
              .map(Map.Entry::getKey)
              .toList();
      List<String> silent =
          moving.stream()
              .filter(name -> now - heard.getOrDefault(name, now) > SILENCE.toNanos())
              .toList();
      if (silent.size() == moving.size()) {
        silent.forEach(name ->
            progress.accept(
                name + " is silent for " + SILENCE.toSeconds() + " s and counts as stopped"));
        return silent;
      }
      if (now - begin > OF_AN_INGRESS.toNanos()) {
        throw new Failure(
            "a writer does not stop within "
                + OF_AN_INGRESS.toSeconds()
                + " s: "
                + String.join(", ", moving));
      }
      pause();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(200);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failure("interrupted", e);
    }
  }

  private static Map<String, Writer> of(WriterKind kind, ControlState state) {
    Map<String, Writer> writers = new HashMap<>(state.writers());
    writers.keySet().removeIf(name -> !Lease.isOf(kind, name));
    return writers;
  }
}
