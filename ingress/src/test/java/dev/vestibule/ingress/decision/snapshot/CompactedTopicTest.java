package dev.vestibule.ingress.decision.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Where reading begins. */
class CompactedTopicTest {
  private static final String TOPIC = "visitor.test";
  private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);
  private static final Instant SINCE = Instant.parse("2026-11-21T08:00:00Z");

  /** Of a topic with seven records; while it is asked about times, an eighth is written. */
  private static final class Asked extends MockConsumer<byte[], byte[]> {
    private final @Nullable OffsetAndTimestamp found;

    Asked(@Nullable OffsetAndTimestamp found) {
      super("none");
      this.found = found;
      Node node = new Node(0, "localhost", 9092);
      Node[] nodes = {node};
      updatePartitions(TOPIC, List.of(new PartitionInfo(TOPIC, 0, node, nodes, nodes)));
      updateBeginningOffsets(Map.of(PARTITION, 0L));
      updateEndOffsets(Map.of(PARTITION, 7L));
    }

    @Override
    public synchronized Map<TopicPartition, OffsetAndTimestamp> offsetsForTimes(
        Map<TopicPartition, Long> times) {
      assertThat(times).containsExactly(Map.entry(PARTITION, SINCE.toEpochMilli()));
      updateEndOffsets(Map.of(PARTITION, 8L));
      Map<TopicPartition, OffsetAndTimestamp> answer = new HashMap<>();
      answer.put(PARTITION, found);
      return answer;
    }
  }

  @Test
  void whatIsWrittenWhileTheBeginningIsLookedForIsRead() {
    try (Asked consumer = new Asked(null)) {
      CompactedTopic.begin(consumer, TOPIC, SINCE);
      consumer.poll(Duration.ZERO);

      assertThat(consumer.position(PARTITION)).isEqualTo(7);
    }
  }

  @Test
  void theFirstRecordOfTheTimeOrLaterIsTheBeginning() {
    try (Asked consumer = new Asked(new OffsetAndTimestamp(5, SINCE.toEpochMilli()))) {
      CompactedTopic.begin(consumer, TOPIC, SINCE);
      consumer.poll(Duration.ZERO);

      assertThat(consumer.position(PARTITION)).isEqualTo(5);
    }
  }
}
