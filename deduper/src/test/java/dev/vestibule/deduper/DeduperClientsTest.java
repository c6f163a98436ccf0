package dev.vestibule.deduper;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.junit.jupiter.api.Test;

/** No broker answers here: only what a producer refuses by itself is looked at. */
class DeduperClientsTest {
  private static final Map<String, Object> CONFIG =
      Map.of("bootstrap.servers", "127.0.0.1:1", "transactional.id", "test");

  @Test
  void aProducerWhoseTransactionWasAbortedIsFencedForEver() {
    try (Producer<byte[], byte[]> producer = new DeduperClients().getProducer(CONFIG)) {
      // Given an abort, whatever became of it
      assertThatThrownBy(producer::abortTransaction).isInstanceOf(RuntimeException.class);

      // Then Streams hears what makes it give up all tasks of the thread, each time
      assertThatThrownBy(producer::beginTransaction).isInstanceOf(ProducerFencedException.class);
      assertThatThrownBy(producer::beginTransaction).isInstanceOf(ProducerFencedException.class);
      producer.close(Duration.ZERO);
    }
  }

  @Test
  void anotherProducerKnowsNothingOfIt() {
    try (Producer<byte[], byte[]> producer = new DeduperClients().getProducer(CONFIG)) {
      assertThatThrownBy(producer::beginTransaction)
          .isNotInstanceOf(ProducerFencedException.class)
          .hasMessageContaining("UNINITIALIZED");
      producer.close(Duration.ZERO);
    }
  }
}
