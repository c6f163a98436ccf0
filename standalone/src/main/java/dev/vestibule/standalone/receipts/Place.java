package dev.vestibule.standalone.receipts;

import dev.vestibule.events.Position;
import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Where a record lies, as text {@code topic-partition@offset}. */
public record Place(String topic, int partition, long offset) implements Comparable<Place> {
  private static final Pattern TEXT =
      Pattern.compile("([a-zA-Z0-9._-]{1,249})-([0-9]{1,9})@([0-9]{1,18})");
  private static final Comparator<Place> ORDER =
      Comparator.comparing(Place::topic)
          .thenComparingInt(Place::partition)
          .thenComparingLong(Place::offset);

  public static Optional<Place> parse(@Nullable String text) {
    Matcher matcher = TEXT.matcher(text == null ? "" : text);
    return matcher.matches()
        ? Optional.of(
            new Place(
                matcher.group(1),
                Integer.parseInt(matcher.group(2)),
                Long.parseLong(matcher.group(3))))
        : Optional.empty();
  }

  public static Place of(ConsumerRecord<?, ?> record) {
    return new Place(record.topic(), record.partition(), record.offset());
  }

  public static Place of(Position position) {
    return new Place(position.getTopic(), position.getPartition(), position.getOffset());
  }

  public TopicPartition topicPartition() {
    return new TopicPartition(topic, partition);
  }

  @Override
  public int compareTo(Place other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return topic + "-" + partition + "@" + offset;
  }
}
