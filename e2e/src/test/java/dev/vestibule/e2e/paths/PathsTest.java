package dev.vestibule.e2e.paths;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.contract.Vendor;
import dev.vestibule.e2e.paths.Scenario.Arrival;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever path a fact comes by, however often, it is one event. */
class PathsTest {
  /** Where a key use says its partition: after version, kind, key, identity, scheme and a flag. */
  private static final int PARTITION_OF_KEY_USE = 36;

  private static final int KEY_USE_BYTES = 56;

  @TempDir private Path folder;

  @ParameterizedTest
  @MethodSource("dev.vestibule.e2e.paths.Scenario#all")
  void everyDeliveryBecomesWhatItsContractSays(Scenario scenario) {
    try (DrivenPipeline pipeline = new DrivenPipeline(scenario.vendor(), folder)) {
      // When
      List<String> outcomes = new ArrayList<>();
      List<String> expected = new ArrayList<>();
      int replays = 0;
      for (Arrival arrival : scenario.arrivals()) {
        String which = arrival.at() + " " + arrival.path() + ": ";
        outcomes.add(which + pipeline.take(arrival) + pipeline.conflicts());
        expected.add(which + arrival.expected() + arrival.reports());
        replays += (int) arrival.expected().stream().filter(e -> e.endsWith("REPLAY")).count();
      }

      // Then
      assertThat(outcomes).as(scenario.content().path("about").asText()).isEqualTo(expected);
      assertThat(outcomes).as("deliveries").isNotEmpty();
      assertThat(pipeline.replays()).isEqualTo(replays);
    }
  }

  @Test
  void deliveryIdOfTwoVisitsInTwoPartitionsDropsNothingAndIsReportedOnce() {
    // Given
    List<Arrival> arrivals = Scenario.of("sign-in-app/key-of-two-visits").arrivals();

    try (DrivenPipeline first = new DrivenPipeline(Vendor.SIGN_IN_APP, folder.resolve("0"));
        DrivenPipeline second = new DrivenPipeline(Vendor.SIGN_IN_APP, folder.resolve("1"))) {
      // When
      List<String> here = first.take(arrivals.get(0));
      List<String> there = second.take(arrivals.get(1));
      first.takeKeyUses(ofPartitionOne(second.keyUses()));
      List<String> conflicts = first.conflicts();
      List<String> retried = second.take(arrivals.get(2));
      first.takeKeyUses(ofPartitionOne(second.keyUses()));

      // Then
      assertThat(here).containsExactly("SIGNED_IN NEW (a)");
      assertThat(there).containsExactly("SIGNED_IN NEW (a)");
      assertThat(retried).containsExactly("SIGNED_IN DUPLICATE delivery (a)");
      assertThat(conflicts).containsExactly("delivery");
      assertThat(first.conflicts()).as("after the retry").isEmpty();
      assertThat(second.conflicts()).isEmpty();
    }
  }

  /** A test driver has partition 0 alone. */
  private static List<TestRecord<byte[], byte[]>> ofPartitionOne(
      List<TestRecord<byte[], byte[]>> uses) {
    assertThat(uses).isNotEmpty();
    for (TestRecord<byte[], byte[]> batch : uses) {
      ByteBuffer bytes = ByteBuffer.wrap(batch.value());
      for (int use = 0; use < bytes.limit(); ) {
        bytes.putInt(use + PARTITION_OF_KEY_USE, 1);
        use += KEY_USE_BYTES + Integer.BYTES + bytes.getInt(use + KEY_USE_BYTES);
      }
    }
    return uses;
  }
}
