package dev.vestibule.sink.warehouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.vestibule.config.ConfigException;
import dev.vestibule.config.IdentityConfig;
import dev.vestibule.config.IngressConfig;
import dev.vestibule.config.RegistryConfig;
import dev.vestibule.config.SinkConfig;
import dev.vestibule.config.TopicsConfig;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.events.Sensitivity;
import dev.vestibule.serde.AvroSerializer;
import dev.vestibule.serde.InMemorySchemaRegistry;
import dev.vestibule.service.ServiceContext;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WarehouseSinkTest {
  private static final Set<Sensitivity> GRANTED =
      Set.of(Sensitivity.STANDARD, Sensitivity.RESTRICTED);

  @TempDir Path dataDir;
  private final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();

  private ServiceContext context() {
    VestibuleConfig config =
        new VestibuleConfig(
            new IdentityConfig(Path.of("identity.key"), Path.of("credential.key")),
            Map.of(),
            Map.of(),
            Map.of(),
            new RegistryConfig(null, null, null),
            new TopicsConfig("", (short) 1, Map.of(), Map.of()),
            new IngressConfig("127.0.0.1", 0, "127.0.0.1", 0, 1));
    return new ServiceContext(
        config,
        new IdentityKey(new byte[32]),
        null,
        dataDir,
        registry,
        new SimpleMeterRegistry(),
        InstantSource.system());
  }

  private static SinkConfig sink(Map<String, String> settings) {
    return new SinkConfig("warehouse", "warehouse", GRANTED, settings);
  }

  private MockConsumer<byte[], byte[]> consumerOfOneEvent() {
    byte[] value =
        new AvroSerializer(registry)
            .serialize(Events.P0.topic(), Events.signIn("v-1", Events.NINE));
    MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
    consumer.updateBeginningOffsets(Map.of(Events.P0, 0L));
    consumer.schedulePollTask(() -> {
      consumer.rebalance(List.of(Events.P0));
      consumer.addRecord(new ConsumerRecord<>("visitor.events", 0, 0, new byte[0], value));
    });
    return consumer;
  }

  @Test
  void theServiceStoresAnswersAndComesBack() {
    // Given
    try (WarehouseSink sink =
        WarehouseSink.start(context(), sink(Map.of()), this::consumerOfOneEvent)) {
      // When, then
      await().atMost(Duration.ofSeconds(30)).until(sink::ready);
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() ->
              sink.query().ask("SELECT event_id FROM visitor_event") instanceof Answer.Rows rows
                  && rows.rows().equals(List.of(List.of("in-v-1"))));
      assertThat(sink.name()).isEqualTo("sink-warehouse");
      assertThat(sink.live()).isTrue();
    }
    assertThat(WarehouseSink.file(dataDir)).isRegularFile();
    try (WarehouseSink again =
        WarehouseSink.start(context(), sink(Map.of()), this::consumerOfOneEvent)) {
      assertThat(again.query().ask("SELECT count(*) FROM visit_current"))
          .isInstanceOfSatisfying(
              Answer.Rows.class, rows -> assertThat(rows.rows()).isEqualTo(List.of(List.of(1L))));
    }
  }

  /** A decision tells whom the watchlist held. */
  @Test
  void decisionsAndAlertsNeedTheGrantForWhatIsRestricted() {
    assertThat(topicsOf(Sensitivity.STANDARD, Sensitivity.RESTRICTED))
        .containsExactlyInAnyOrder(
            "visitor.events", "visitor.events.restricted", "visitor.decisions", "visitor.alerts");
    assertThat(topicsOf(Sensitivity.STANDARD, Sensitivity.HEALTH))
        .containsExactlyInAnyOrder("visitor.events", "visitor.events.health");
  }

  private Set<String> topicsOf(Sensitivity... granted) {
    MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
    SinkConfig config = new SinkConfig("warehouse", "warehouse", Set.of(granted), Map.of());
    try (WarehouseSink _ = WarehouseSink.start(context(), config, () -> consumer)) {
      await().until(() -> !consumer.subscription().isEmpty());
      return Set.copyOf(consumer.subscription());
    }
  }

  @Test
  void aBadSettingStopsTheStartBeforeTheFileIsMade() {
    assertThatThrownBy(() -> WarehouseSink.start(context(), sink(Map.of("batch-rows", "none"))))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("vestibule.sinks.warehouse.batch-rows");
    assertThat(WarehouseSink.file(dataDir)).doesNotExist();
  }

  @Test
  void aFileThatIsNoDatabaseStopsTheStart() throws Exception {
    // Given
    Path file = WarehouseSink.file(dataDir);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "no database, but long enough to be looked at ".repeat(200));

    // When, then
    assertThatThrownBy(() -> WarehouseSink.start(context(), sink(Map.of())))
        .isInstanceOf(WarehouseException.class)
        .hasMessageContaining("cannot open the warehouse");
  }
}
