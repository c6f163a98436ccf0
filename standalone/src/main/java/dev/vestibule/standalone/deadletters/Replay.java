package dev.vestibule.standalone.deadletters;

import dev.vestibule.contract.DedupeWindow;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Topics;
import dev.vestibule.control.ControlReader;
import dev.vestibule.control.ControlState;
import dev.vestibule.control.Growth;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.serde.AvroDeserializer;
import dev.vestibule.serde.SchemaRegistry;
import dev.vestibule.standalone.Failure;
import dev.vestibule.standalone.receipts.Place;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/**
 * Sends dead letters on their way again, each at most once unless told otherwise, whatever happens
 * to this process and however many of them there are.
 */
public final class Replay implements AutoCloseable {
  private final DeadLetters letters;
  private final TopicNames names;
  private final AvroDeserializer<VisitorEvent> events;
  private final InstantSource clock;
  private final String by;
  private final boolean again;
  private final ControlReader control;
  private final @Nullable Outbox outbox;
  private final Map<Place, List<Replayed>> before;

  /**
   * Takes over from another process that replays, and looks at what was replayed before.
   *
   * @param by who asks for it
   * @param again also what was replayed before
   * @param dry writes nothing, and takes over from nobody
   * @param progress told how many earlier replays were read
   */
  public Replay(
      DeadLetters letters,
      Map<String, String> kafka,
      TopicNames names,
      SchemaRegistry registry,
      InstantSource clock,
      String by,
      boolean again,
      boolean dry,
      LongConsumer progress) {
    this.letters = letters;
    this.names = names;
    this.events = new AvroDeserializer<>(VisitorEvent.class, registry);
    this.clock = clock;
    this.by = by;
    this.again = again;
    if (!dry && letters.records().partitions(names.of(Topics.REPLAYS)).isEmpty()) {
      throw new Failure(
          "there is no topic "
              + names.of(Topics.REPLAYS)
              + ", in which replays are noted; 'vestibule topics apply' creates it");
    }
    this.control = new ControlReader(kafka, names);
    this.outbox = dry ? null : new Outbox(kafka, names);
    this.before = Replays.read(letters.records(), names, progress);
  }

  /** What became of one letter. */
  public sealed interface Result {
    /**
     * It is on its way, or would be.
     *
     * @param to place or topic that it went to
     * @param note what whoever asked should know, or null
     */
    record Sent(String to, @Nullable String note) implements Result {}

    /** It was replayed before, and nothing was done. */
    record Known(Replayed before) implements Result {}

    /**
     * It cannot be replayed.
     *
     * @param because a sentence for people
     */
    record Refused(String because) implements Result {}
  }

  /**
   * Sends one on its way.
   *
   * @throws org.apache.kafka.common.KafkaException when Kafka does not do it now
   * @throws dev.vestibule.serde.RegistryException when the registry cannot be asked
   * @throws Failure when nothing can be replayed now
   */
  public Result replay(Letter letter) {
    List<Replayed> earlier = before.getOrDefault(letter.id(), List.of());
    if (!again && !earlier.isEmpty()) {
      return new Result.Known(earlier.getLast());
    }
    ControlState state = control.read();
    return switch (Route.of(letter, names, state.generation())) {
      case Route.Closed(String because) -> new Result.Refused(because);
      case Route.To to -> {
        mustNotGrow(state.growth(), to);
        yield replay(letter, to);
      }
    };
  }

  private Result replay(Letter letter, Route.To to) {
    ConsumerRecord<byte[], byte[]> original = Original.in(letter);
    if (original == null) {
      switch (letters.records().at(letter.origin())) {
        case Records.At.Here(ConsumerRecord<byte[], byte[]> record) -> original = record;
        case Records.At.Expired() -> {
          return new Result.Refused(
              "expired: the letter names a position alone, and " + letter.origin() + " is deleted");
        }
        case Records.At.Nothing(String because) -> {
          return new Result.Refused(
              "the letter names a position alone, and nothing lies there: " + because);
        }
      }
      String request = letter.content().getRequestId();
      if (request != null
          && !request.equals(Headers.text(original.headers(), Headers.REQUEST_ID))) {
        return new Result.Refused("another record lies at " + letter.origin() + " now");
      }
    }
    if (to instanceof Route.Sink && !isEvent(original)) {
      return new Result.Refused(
          "the registry does not know how to read it, and neither would the sink");
    }
    if (letters.records().partitions(to.topic()).isEmpty()) {
      return new Result.Refused(
          "there is no topic "
              + to.topic()
              + (to instanceof Route.Sink
                  ? "; is " + letter.content().getStage() + " still configured as a sink?"
                  : "; 'vestibule topics apply' creates what is missing"));
    }
    return send(letter, to, original);
  }

  private Result send(Letter letter, Route.To to, ConsumerRecord<byte[], byte[]> original) {
    Instant now = clock.instant();
    String note = note(letter, to, now);
    if (outbox == null) {
      return new Result.Sent(to.topic(), note);
    }
    Replayed replayed = new Replayed(now, by, to.topic());
    try {
      RecordMetadata written =
          outbox.write(
              Route.record(to, letter, original, replayed),
              Replays.record(names, letter.id(), replayed));
      return new Result.Sent(
          new Place(written.topic(), written.partition(), written.offset()).toString(), note);
    } catch (RecordTooLargeException e) {
      return new Result.Refused("it is too large for " + to.topic() + "; raise that topic's limit");
    }
  }

  /** Copies of long ago are not remembered, so one more of them is not recognized. */
  private static @Nullable String note(Letter letter, Route.To to, Instant now) {
    Duration age = Duration.between(letter.storedAt(), now);
    boolean forgotten = to instanceof Route.Raw && age.compareTo(DedupeWindow.DAY.length()) > 0;
    return forgotten
        ? "it came in more than "
            + DedupeWindow.DAY.id()
            + " ago, so if another copy of it got through then, it comes twice, under one event id"
        : null;
  }

  private boolean isEvent(ConsumerRecord<byte[], byte[]> original) {
    try {
      return events.deserialize(original.topic(), original.value()) != null;
    } catch (SerializationException e) {
      return false;
    }
  }

  /** While partitions are added, a key's next record may lie elsewhere. */
  private void mustNotGrow(@Nullable Growth growth, Route.To to) {
    if (growth == null) {
      return;
    }
    String growing = growth.topic();
    boolean concerns =
        to instanceof Route.Normalized
            ? growing.equals(names.of(Topics.NORMALIZED))
            : growing.equals(to.topic());
    if (concerns) {
      throw new Failure(growing + " grows; run the same command again when 'topics grow' is done");
    }
  }

  @Override
  public void close() {
    try {
      control.close();
    } finally {
      if (outbox != null) {
        outbox.close();
      }
    }
  }
}
