package dev.vestibule.standalone.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class LatenciesTest {

  @Test
  void percentilesAreNearestRanks() {
    Latencies latencies =
        new Latencies(
            LongStream.rangeClosed(1, 200).map(n -> 201 - n).mapToObj(Duration::ofMillis).toList());

    assertThat(latencies.percentile(50)).isEqualTo(Duration.ofMillis(100));
    assertThat(latencies.percentile(99)).isEqualTo(Duration.ofMillis(198));
    assertThat(latencies.percentile(100)).isEqualTo(Duration.ofMillis(200));
  }

  @Test
  void oneValueIsEveryPercentile() {
    Latencies latencies = new Latencies(List.of(Duration.ofMillis(7)));

    assertThat(latencies.percentile(1)).isEqualTo(Duration.ofMillis(7));
    assertThat(latencies.percentile(99)).isEqualTo(Duration.ofMillis(7));
  }

  @Test
  void nothingMeasuredIsZero() {
    assertThat(new Latencies(List.of()).percentile(99)).isEqualTo(Duration.ZERO);
  }
}
