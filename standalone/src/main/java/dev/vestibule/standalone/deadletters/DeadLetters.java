package dev.vestibule.standalone.deadletters;

import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Topics;
import dev.vestibule.events.DeadLetter;
import dev.vestibule.serde.AvroDeserializer;
import dev.vestibule.serde.SchemaRegistry;
import dev.vestibule.standalone.receipts.Place;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/** The dead letters of an installation, and their originals. For one thread. */
public final class DeadLetters implements AutoCloseable {
  private static final Pattern SHORT = Pattern.compile("([0-9]{1,9})@([0-9]{1,18})");

  private final Records records;
  private final String topic;
  private final AvroDeserializer<DeadLetter> reader;

  /**
   * @param kafka client settings with {@code bootstrap.servers}
   */
  public DeadLetters(Map<String, ?> kafka, TopicNames names, SchemaRegistry registry) {
    this.records = new Records(kafka);
    this.topic = names.of(Topics.DEAD_LETTERS);
    this.reader = new AvroDeserializer<>(DeadLetter.class, registry);
  }

  Records records() {
    return records;
  }

  /**
   * The place that a person means: {@code topic-partition@offset}, or {@code partition@offset}
   * alone.
   *
   * @return empty when the text is no place of the dead letters
   */
  public Optional<Place> place(String text) {
    Matcher matcher = SHORT.matcher(text);
    return Place.parse(matcher.matches() ? topic + "-" + text : text)
        .filter(place -> place.topic().equals(topic));
  }

  /**
   * Looks at all of them, without their originals.
   *
   * @param progress told how many were read
   * @param unreadable told those that are no dead letters, or of a schema that is gone
   */
  public void all(LongConsumer progress, Consumer<Letter> letters, Consumer<Place> unreadable) {
    long read = 0;
    for (Iterator<ConsumerRecord<byte[], byte[]>> all = records.all(topic); all.hasNext(); ) {
      ConsumerRecord<byte[], byte[]> record = all.next();
      Letter letter = letter(record);
      if (letter == null) {
        unreadable.accept(Place.of(record));
      } else {
        letters.accept(letter.withoutOriginal());
      }
      progress.accept(++read);
    }
  }

  /**
   * Earlier replays by dead letter, oldest first.
   *
   * @param progress told how many were read
   */
  public Map<Place, List<Replayed>> replays(TopicNames names, LongConsumer progress) {
    return Replays.read(records, names, progress);
  }

  /** What lies at a place of this topic. */
  public Found read(Place place) {
    return switch (records.at(place)) {
      case Records.At.Here(ConsumerRecord<byte[], byte[]> record) -> {
        Letter letter = letter(record);
        yield letter == null
            ? new Found.No(place + " cannot be read as a dead letter")
            : new Found.Yes(letter);
      }
      case Records.At.Expired() ->
          new Found.No(place + " has expired: its topic keeps dead letters for a while only");
      case Records.At.Nothing(String because) ->
          new Found.No("there is no dead letter " + place + ": " + because);
    };
  }

  /** The answer to a question for one letter. */
  public sealed interface Found {
    record Yes(Letter letter) implements Found {}

    /**
     * @param because a sentence for people
     */
    record No(String because) implements Found {}
  }

  private @Nullable Letter letter(ConsumerRecord<byte[], byte[]> record) {
    try {
      DeadLetter content = reader.deserialize(record.topic(), record.value());
      return content == null
          ? null
          : new Letter(
              Place.of(record),
              record.key() == null ? null : new String(record.key(), StandardCharsets.UTF_8),
              Instant.ofEpochMilli(record.timestamp()),
              content);
    } catch (SerializationException e) {
      return null;
    }
  }

  @Override
  public void close() {
    records.close();
  }
}
