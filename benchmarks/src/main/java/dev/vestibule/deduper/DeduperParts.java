package dev.vestibule.deduper;

import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.contract.DedupeWindow;
import dev.vestibule.contract.Generation;
import dev.vestibule.serde.AvroSerializer;
import dev.vestibule.serde.SchemaRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import org.apache.kafka.streams.Topology;

/**
 * What the deduper's application is made of, for measuring it piece by piece. In its package, since
 * the room exports its application alone.
 */
public final class DeduperParts implements AutoCloseable {
  private final RocksMemory memory;

  /** For the input that there is. */
  public DeduperParts(VestibuleConfig config) {
    memory = RocksMemory.allocate(partitions(config));
  }

  /** The settings of the application, which other contenders share. */
  public Map<String, Object> settings(VestibuleConfig config, Path folder) {
    return DeduperSettings.of(config, folder, Generation.FIRST).streams(memory);
  }

  /** The application's topology for the input that there is. */
  public static Topology topology(VestibuleConfig config, SchemaRegistry registry) {
    return new DeduperTopology(
            Generation.FIRST,
            partitions(config),
            config.topicNames(),
            new AvroSerializer(registry),
            Clock.systemUTC(),
            new SimpleMeterRegistry())
        .build();
  }

  private static int partitions(VestibuleConfig config) {
    String input = Generation.FIRST.topic(config.topicNames());
    return PartitionCheck.check(Map.copyOf(config.kafka()), input, "bench");
  }

  /** The window of delivery keys. */
  public static DedupeWindow window() {
    return DedupeWindow.DAY;
  }

  /** Only after every store is closed. */
  @Override
  public void close() {
    memory.close();
  }
}
