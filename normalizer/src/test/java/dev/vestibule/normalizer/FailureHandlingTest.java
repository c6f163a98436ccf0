package dev.vestibule.normalizer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vestibule.contract.Topics;
import dev.vestibule.events.Position;
import dev.vestibule.serde.RegistryException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.ProductionExceptionHandler.Response;
import org.apache.kafka.streams.errors.ProductionExceptionHandler.Result;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.processor.TaskId;
import org.junit.jupiter.api.Test;

class FailureHandlingTest {
  @Test
  void aRegistryThatComesBackLetsTheWaitingRecordThrough() {
    // Given
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    OutagePatience patience = new OutagePatience(Duration.ofMinutes(1), meters);
    AtomicInteger failures = new AtomicInteger(2);

    // When
    String result =
        patience.call(() -> {
          if (failures.getAndDecrement() > 0) {
            throw new RegistryException("out of reach");
          }
          return "sent";
        });

    // Then
    assertThat(result).isEqualTo("sent");
    assertThat(meters.counter("vestibule.normalizer.registry.retries").count()).isEqualTo(2);
  }

  @Test
  void aClosingServiceWaitsForNoRegistry() {
    // Given
    OutagePatience patience = new OutagePatience(Duration.ofDays(1), new SimpleMeterRegistry());

    // When
    patience.close();

    // Then
    assertThatThrownBy(() ->
            patience.call(() -> {
              throw new RegistryException("out of reach");
            }))
        .isInstanceOf(RegistryException.class);
  }

  @Test
  void aDeadThreadIsReplaced() {
    // Given
    ThreadReplacement replacement =
        new ThreadReplacement(Duration.ZERO, () -> Fixtures.APPENDED_AT);

    // Then
    for (int i = 0; i < 20; i++) {
      assertThat(replacement.handle(new IllegalStateException()))
          .isEqualTo(StreamThreadExceptionResponse.REPLACE_THREAD);
    }
  }

  @Test
  void aBrokenJvmEndsTheClient() {
    // Given
    ThreadReplacement replacement =
        new ThreadReplacement(Duration.ofDays(1), () -> Fixtures.APPENDED_AT);

    // Then
    assertThat(replacement.handle(new OutOfMemoryError()))
        .isEqualTo(StreamThreadExceptionResponse.SHUTDOWN_CLIENT);
  }

  @Test
  void closingEndsThePause() {
    // Given
    ThreadReplacement replacement =
        new ThreadReplacement(Duration.ofDays(1), () -> Fixtures.APPENDED_AT);

    // When
    replacement.close();

    // Then
    assertThatCode(() -> replacement.handle(new IllegalStateException()))
        .doesNotThrowAnyException();
  }

  @Test
  void aRecordThatATopicRefusesForItsSizeIsRememberedAndReadAgain() {
    // Given
    Refusals refusals = new Refusals();

    // When
    Response response =
        handler(refusals).handleError(new Context(), record(), new RecordTooLargeException());

    // Then
    assertThat(response.result()).isEqualTo(Result.FAIL);
    assertThat(response.deadLetterQueueRecords()).isEmpty();
    assertThat(refusals.contains(new Position("visitor.raw.envoy", 3, 77L))).isTrue();
    assertThat(refusals.contains(new Position("visitor.raw.envoy", 3, 78L))).isFalse();
  }

  @Test
  void anyOtherFailureToSendStopsTheThread() {
    // Given
    Refusals refusals = new Refusals();

    // When
    Response response =
        handler(refusals).handleError(new Context(), record(), new AuthorizationException("no"));

    // Then
    assertThat(response.result()).isEqualTo(Result.FAIL);
    assertThat(refusals.contains(new Position("visitor.raw.envoy", 3, 77L))).isFalse();
  }

  private static TooLargeToSend handler(Refusals refusals) {
    TooLargeToSend handler = new TooLargeToSend();
    handler.configure(Map.of(TooLargeToSend.REFUSALS, refusals));
    return handler;
  }

  private static ProducerRecord<byte[], byte[]> record() {
    return new ProducerRecord<>(Topics.NORMALIZED, new byte[] {1}, new byte[] {2});
  }

  private static final class Context implements ErrorHandlerContext {
    @Override
    public String topic() {
      return "visitor.raw.envoy";
    }

    @Override
    public int partition() {
      return 3;
    }

    @Override
    public long offset() {
      return 77;
    }

    @Override
    public Headers headers() {
      return new RecordHeaders().add("request-id", Fixtures.REQUEST_ID.getBytes(UTF_8));
    }

    @Override
    public String processorNodeId() {
      return NormalizerTopology.NORMALIZE;
    }

    @Override
    public TaskId taskId() {
      return new TaskId(0, 3);
    }

    @Override
    public long timestamp() {
      return Instant.EPOCH.toEpochMilli();
    }

    @Override
    public byte[] sourceRawKey() {
      return new byte[0];
    }

    @Override
    public byte[] sourceRawValue() {
      return new byte[0];
    }
  }
}
