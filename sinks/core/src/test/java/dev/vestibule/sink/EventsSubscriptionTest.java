package dev.vestibule.sink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.config.IdentityConfig;
import dev.vestibule.config.IngressConfig;
import dev.vestibule.config.RegistryConfig;
import dev.vestibule.config.SinkConfig;
import dev.vestibule.config.TopicsConfig;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.events.Sensitivity;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.junit.jupiter.api.Test;

class EventsSubscriptionTest {
  private static EventsSubscription subscription(
      String prefix, Map<String, String> kafka, Sensitivity... granted) {
    VestibuleConfig config =
        new VestibuleConfig(
            new IdentityConfig(Path.of("identity.key"), Path.of("credential.key")),
            Map.of(),
            Map.of(),
            kafka,
            new RegistryConfig(null, null, null),
            new TopicsConfig(prefix, (short) 1, Map.of(), Map.of()),
            new IngressConfig("127.0.0.1", 0, "127.0.0.1", 0, 1));
    return EventsSubscription.of(
        config, new SinkConfig("dwh", "warehouse", Set.of(granted), Map.of()));
  }

  @Test
  void aSinkReadsTheTopicsItIsGrantedAndNoOther() {
    assertThat(subscription("", Map.of(), Sensitivity.STANDARD).topics())
        .containsExactly("visitor.events");
    assertThat(subscription("", Map.of(), Sensitivity.HEALTH, Sensitivity.STANDARD).topics())
        .containsExactly("visitor.events", "visitor.events.health");
    assertThat(subscription("", Map.of(), Sensitivity.RESTRICTED).topics())
        .containsExactly("visitor.events.restricted");
    assertThat(subscription("", Map.of()).topics()).isEmpty();
  }

  @Test
  void aPrefixIsBeforeTopicsAndGroup() {
    EventsSubscription subscription = subscription("test.", Map.of(), Sensitivity.STANDARD);

    assertThat(subscription.topics()).containsExactly("test.visitor.events");
    assertThat(subscription.group()).isEqualTo("test.vestibule-sink-dwh");
  }

  @Test
  void anInstallationTunesTheConsumerButNotItsGuarantees() {
    // When
    EventsSubscription subscription =
        subscription(
            "",
            Map.of(
                "bootstrap.servers", "127.0.0.1:1",
                "fetch.max.bytes", "1000",
                "isolation.level", "read_uncommitted",
                "enable.auto.commit", "true",
                "group.id", "other",
                "auto.offset.reset", "latest"),
            Sensitivity.STANDARD);

    // Then
    assertThat(subscription.settings())
        .containsEntry("bootstrap.servers", "127.0.0.1:1")
        .containsEntry("fetch.max.bytes", "1000")
        .containsEntry("max.partition.fetch.bytes", 4 * 1024 * 1024)
        .containsEntry("isolation.level", "read_committed")
        .containsEntry("enable.auto.commit", false)
        .containsEntry("group.id", "vestibule-sink-dwh")
        .containsEntry("auto.offset.reset", "earliest");
  }

  @Test
  void theConsumerAcceptsItsSettings() {
    EventsSubscription subscription =
        subscription("", Map.of("bootstrap.servers", "127.0.0.1:1"), Sensitivity.STANDARD);

    try (Consumer<byte[], byte[]> consumer = subscription.open()) {
      assertThat(consumer.subscription()).isEmpty();
    }
  }
}
