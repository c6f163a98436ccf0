package dev.vestibule.standalone.topics;

import dev.vestibule.contract.DedupeWindow;
import dev.vestibule.contract.Generation;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.control.ControlReader;
import dev.vestibule.control.ControlState;
import dev.vestibule.control.ControlState.Entry;
import dev.vestibule.control.Growth;
import dev.vestibule.control.Growth.Step;
import dev.vestibule.control.Pause;
import dev.vestibule.control.WriterKind;
import dev.vestibule.deduper.DeduperApplication;
import dev.vestibule.normalizer.NormalizerApplication;
import dev.vestibule.standalone.Failure;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * Gives a topic more partitions while the pipeline runs. Everything that it does can be done again:
 * after a crash the same request goes on where the last one ended.
 */
public final class Grow {
  /** As far back as any copy can be recognized. */
  static final Duration REMEMBERED =
      Arrays.stream(DedupeWindow.values())
          .map(DedupeWindow::retention)
          .max(Comparator.naturalOrder())
          .orElseThrow();

  /** How long a busy broker may take to say what is under way. */
  private static final Duration PATIENT = Duration.ofSeconds(30);

  /** So few offsets that the rest is copied in a moment, while the writers stand still. */
  private static final long NEARLY_DONE = 5_000;

  private static final int PASSES = 5;

  private final Cluster cluster;
  private final TopicNames names;
  private final Duration drainWithin;
  private final InstantSource clock;
  private final Consumer<String> progress;

  /**
   * @param drainWithin how long readers may take to come to the end of a topic whose writers wait
   * @param progress told what happens, one line each
   */
  public Grow(
      Cluster cluster,
      TopicNames names,
      Duration drainWithin,
      InstantSource clock,
      Consumer<String> progress) {
    this.cluster = cluster;
    this.names = names;
    this.drainWithin = drainWithin;
    this.clock = clock;
    this.progress = progress;
  }

  /**
   * Returns when the topic has grown and its writers may go on.
   *
   * @throws Failure when that would be unsafe; what could be taken back was taken back
   * @throws KafkaException when Kafka fails; the same request goes on later
   */
  public void grow(GrowthRequest request) {
    try (ControlReader reader = new ControlReader(cluster.kafka(), names, PATIENT)) {
      // Refuse before anything is touched, then take over, then look again; cancel() likewise.
      admit(request, reader.read());
      try (ControlWriter writer = new ControlWriter(cluster.kafka(), names)) {
        ControlState state = reader.read();
        Growth growth = admit(request, state);
        Growth before = state.growth();
        if (before != null) {
          progress.accept("going on with step " + before.step().name().toLowerCase(Locale.ROOT));
        }
        switch (request.way()) {
          case Way.BehindPause(WriterKind kind) -> new InPlace(reader, writer, growth, kind).grow();
          case Way.ByGeneration _ -> new ByGeneration(reader, writer, growth, state).grow();
          case Way.AtOnce _ -> cluster.grow(names.of(growth.topic()), growth.partitions());
          case Way.Never(String because) -> throw new Failure(because);
        }
      } catch (ControlWriter.Superseded e) {
        throw e.asFailure();
      }
    }
  }

  /**
   * Lets everybody go on as before a growth that its command did not finish. Partitions that were
   * added stay; a half-seeded generation is deleted, since another growth may want another count.
   *
   * @throws Failure when there is nothing to take back, or only forward is safe
   * @throws KafkaException when Kafka fails; the same request goes on later
   */
  public void cancel() {
    try (ControlReader reader = new ControlReader(cluster.kafka(), names, PATIENT)) {
      checkCanBeTakenBack(reader.read());
      try (ControlWriter writer = new ControlWriter(cluster.kafka(), names)) {
        ControlState state = reader.read();
        checkCanBeTakenBack(state);
        for (WriterKind kind : state.pauses().keySet()) {
          writer.write(Entry.resume(kind));
          progress.accept("the " + kind.id() + " goes on");
        }
        Growth growth = state.growth();
        if (growth != null && growth.generation() != 0) {
          Generation next = new Generation(growth.generation());
          cluster.delete(copies(next), next.topic(names));
          progress.accept("deleted " + next.topic(names) + ", which nobody has used");
        }
        writer.write(Entry.noGrowth());
      } catch (ControlWriter.Superseded e) {
        throw e.asFailure();
      }
    }
  }

  private void checkCanBeTakenBack(ControlState state) {
    Growth growth = state.growth();
    if (growth == null && state.pauses().isEmpty()) {
      throw new Failure("nothing to take back: no topic is growing and nobody stands still");
    }
    if (growth != null && !growth.canBeTakenBack()) {
      throw new Failure(
          "the growth of "
              + names.of(growth.topic())
              + " cannot be taken back: live records lie in its new generation already; finish it"
              + " with 'vestibule topics grow "
              + names.of(growth.topic())
              + " --partitions "
              + growth.partitions()
              + "'");
    }
  }

  private Growth admit(GrowthRequest request, ControlState state) {
    return request.admit(state, this::count, stateFits(state.generation()));
  }

  private int count(String topic) {
    return cluster
        .partitions(names.of(topic))
        .orElseThrow(() ->
            new Failure(
                "topic " + names.of(topic) + " does not exist; run 'vestibule topics apply'"));
  }

  /** Whether the memory of the deduper, if there is any, fits the partitions of its input. */
  private boolean stateFits(Generation generation) {
    int input = cluster.partitions(generation.topic(names)).orElse(0);
    return DeduperApplication.stateTopics(deduper(generation)).stream()
        .allMatch(topic -> cluster.partitions(topic).orElse(input) == input);
  }

  private String deduper(Generation generation) {
    return names.of(DeduperApplication.applicationId(generation));
  }

  /** The group under whose name the position of the copies is kept. */
  private String copies(Generation next) {
    return names.of("vestibule-grow-g" + next.number());
  }

  private static Pause pause(String topic) {
    return new Pause(UUID.randomUUID().toString(), topic);
  }

  /** Partitions are added to the topic itself. */
  private final class InPlace {
    private final ControlReader reader;
    private final ControlWriter writer;
    private final Growth growth;
    private final WriterKind kind;
    private final String topic;

    InPlace(ControlReader reader, ControlWriter writer, Growth growth, WriterKind kind) {
      this.reader = reader;
      this.writer = writer;
      this.growth = growth;
      this.kind = kind;
      this.topic = names.of(growth.topic());
    }

    void grow() {
      Pause pause = pause(topic);
      progress.accept("1/4 pause: the " + kind.id() + " stops writing to " + topic);
      writer.write(Entry.growth(growth.at(Step.PAUSE)), Entry.pause(kind, pause));
      try {
        awaitStandstill(pause);
        progress.accept("2/4 drain: readers come to the end of " + topic);
        drain();
        progress.accept("3/4 grow: " + topic + " gets " + growth.partitions() + " partitions");
        cluster.grow(topic, growth.partitions());
      } catch (Failure | KafkaException e) {
        writer.write(Entry.resume(kind), Entry.noGrowth());
        progress.accept("taken back: the " + kind.id() + " goes on");
        throw e;
      }
      progress.accept("4/4 resume: the " + kind.id() + " goes on");
      writer.write(Entry.resume(kind), Entry.noGrowth());
    }

    private void awaitStandstill(Pause pause) {
      Standstill standstill = new Standstill(cluster, reader, progress);
      if (kind == WriterKind.INGRESS) {
        List<Entry> gone = standstill.awaitLeased(kind, pause).stream().map(Entry::gone).toList();
        if (!gone.isEmpty()) {
          writer.write(gone.toArray(Entry[]::new));
        }
      } else {
        standstill.awaitGroup(kind, deduper(reader.read().generation()));
      }
    }

    private void drain() {
      Lag lag = new Lag(cluster, topic);
      List<Map<String, Long>> last = new ArrayList<>(List.of(Map.of()));
      boolean drained =
          Cluster.await(
              drainWithin,
              () -> {
                last.set(0, lag.behind());
                return last.getFirst().isEmpty();
              });
      if (!drained) {
        String groups =
            last.getFirst().entrySet().stream()
                .map(group -> group.getKey() + " (" + group.getValue() + " offsets behind)")
                .collect(Collectors.joining(", "));
        throw new Failure(
            "not all readers of "
                + topic
                + " came to its end within "
                + drainWithin.toSeconds()
                + " s: "
                + groups
                + "; let them catch up, or delete a group that nobody uses any more with"
                + " 'kafka-consumer-groups --delete --group NAME'");
      }
    }
  }

  /** A new topic takes over, and with it a new deduper that remembers what the old one knew. */
  private final class ByGeneration {
    private final ControlReader reader;
    private final ControlWriter writer;
    private final Generation old;
    private final Generation next;
    private Growth growth;

    ByGeneration(ControlReader reader, ControlWriter writer, Growth growth, ControlState state) {
      this.reader = reader;
      this.writer = writer;
      this.growth = growth;
      this.old = state.generation();
      this.next = new Generation(growth.generation());
    }

    void grow() {
      checkRetention();
      if (growth.canBeTakenBack()) {
        progress.accept("1/6 create: " + to() + " with " + growth.partitions() + " partitions");
        reach(Step.PREPARE);
        cluster.create(
            new NewTopic(to(), growth.partitions(), (short) cluster.replicas(from()))
                .configs(cluster.settings(from())));
      }
      try (Copy copy =
          new Copy(
              cluster,
              writer,
              from(),
              to(),
              copies(next),
              clock.instant().minus(REMEMBERED),
              judged())) {
        if (growth.canBeTakenBack()) {
          seed(copy);
          pauseAndSeedTheRest(copy);
        }
        progress.accept("5/6 carry: what was not judged yet moves to " + to());
        copy.live(copy.ends(), this::left);
      }
      progress.accept("6/6 switch: normalizer and deduper go on with " + to());
      writer.write(
          Entry.generation(next),
          Entry.resume(WriterKind.NORMALIZER),
          Entry.resume(WriterKind.DEDUPER),
          Entry.noGrowth());
    }

    private String from() {
      return old.topic(names);
    }

    private String to() {
      return next.topic(names);
    }

    private void reach(Step step) {
      growth = growth.at(step);
      writer.write(Entry.growth(growth));
    }

    /** Old records are the memory: what is deleted before its time would be new again. */
    private void checkRetention() {
      String text = cluster.settings(from()).getOrDefault("retention.ms", "-1");
      long retention = Long.parseLong(text);
      if (retention >= 0 && retention < REMEMBERED.toMillis()) {
        throw new Failure(
            "topic "
                + from()
                + " keeps records for "
                + Duration.ofMillis(retention)
                + ", but the deduper remembers for "
                + REMEMBERED
                + ": its memory cannot be rebuilt; raise retention.ms and wait until the topic is"
                + " that old");
      }
    }

    /** What the deduper has behind it, to the last record. */
    private Map<TopicPartition, Long> judged() {
      Map<TopicPartition, Long> judged = cluster.committed(deduper(old));
      judged.keySet().removeIf(partition -> !partition.topic().equals(from()));
      return judged;
    }

    private void seed(Copy copy) {
      long begin = System.nanoTime();
      long seeds = 0;
      Map<TopicPartition, Long> judged = judged();
      progress.accept("2/6 seed: about " + copy.left(judged) + " records, while all goes on");
      for (int pass = 0; pass < PASSES && (pass == 0 || copy.left(judged) > NEARLY_DONE); pass++) {
        seeds += copy.seeds(judged, this::left);
        judged = judged();
      }
      progress.accept(
          "2/6 seed: " + seeds + " records in " + (System.nanoTime() - begin) / 1_000_000 + " ms");
    }

    private void pauseAndSeedTheRest(Copy copy) {
      progress.accept("3/6 pause: normalizer and deduper stop");
      growth = growth.at(Step.PAUSE);
      writer.write(
          Entry.growth(growth),
          Entry.pause(WriterKind.NORMALIZER, pause(from())),
          Entry.pause(WriterKind.DEDUPER, pause(from())));
      try {
        Standstill standstill = new Standstill(cluster, reader, progress);
        standstill.awaitGroup(
            WriterKind.NORMALIZER, names.of(NormalizerApplication.APPLICATION_ID));
        standstill.awaitGroup(WriterKind.DEDUPER, deduper(old));
        progress.accept("4/6 seed the rest");
        copy.seeds(judged(), this::left);
      } catch (Failure | KafkaException e) {
        // What is seeded so far stays: the same command goes on with it.
        writer.write(
            Entry.growth(growth.at(Step.PREPARE)),
            Entry.resume(WriterKind.NORMALIZER),
            Entry.resume(WriterKind.DEDUPER));
        progress.accept("taken back: normalizer and deduper go on with " + from());
        throw e;
      }
      // From here on live records lie in the new generation: the old one must judge no more.
      reach(Step.CARRY);
    }

    private void left(long offsets) {
      if (offsets > 0) {
        progress.accept("    " + offsets + " offsets left");
      }
    }
  }
}
