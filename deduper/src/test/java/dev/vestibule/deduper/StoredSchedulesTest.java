package dev.vestibule.deduper;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.deduper.verdict.Coverage;
import dev.vestibule.deduper.verdict.Judge;
import dev.vestibule.deduper.verdict.Judgement;
import dev.vestibule.deduper.verdict.Schedules;
import dev.vestibule.deduper.verdict.Schedules.Attempt;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.state.StoreBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random schedules again, on the real stores: these tell what the model of them tells. */
class StoredSchedulesTest {
  private static final long FIRST_SEED = Long.getLong("vestibule.seed", 20_261_121L);
  private static final int SCHEDULES = 60;

  @TempDir Path folder;

  @Test
  void realStoresTellWhatTheModelTells() throws Exception {
    System.out.printf("seeds %d to %d%n", FIRST_SEED, FIRST_SEED + SCHEDULES - 1);
    int judged = 0;
    for (long seed = FIRST_SEED; seed < FIRST_SEED + SCHEDULES; seed++) {
      // Given
      Path state = Files.createDirectory(folder.resolve("seed-" + seed));
      MockProcessorContext<byte[], Outbound> context = context(state);
      for (StoreBuilder<?> store : DeduperStores.ofTheVerdict()) {
        StateStore built = store.withLoggingDisabled().build();
        built.init(context.getStateStoreContext(), built);
        context.addStateStore(built);
      }
      PartitionMemory memory = new PartitionMemory(context);

      for (Attempt attempt : Schedules.attempts(seed)) {
        // When
        Coverage coverage = memory.see(attempt.record().offset(), attempt.record().arrival());
        Judgement actual = Judge.judge(coverage, memory, attempt.record());
        memory.apply(actual.writes());

        // Then
        assertThat(actual).as("seed %d, %s", seed, attempt.record()).isEqualTo(attempt.judgement());
        judged++;
      }
      for (StoreBuilder<?> store : DeduperStores.ofTheVerdict()) {
        context.<StateStore>getStateStore(store.name()).close();
      }
    }
    assertThat(judged).isGreaterThan(10 * SCHEDULES);
  }

  private static MockProcessorContext<byte[], Outbound> context(Path state) {
    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "stored-schedules");
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "unused:9092");
    MockProcessorContext<byte[], Outbound> context =
        new MockProcessorContext<>(settings, new TaskId(0, 0), state.toFile());
    context.setRecordMetadata("visitor.normalized", 0, 0);
    return context;
  }
}
