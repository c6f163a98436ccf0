package dev.vestibule.standalone.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.vestibule.config.TopicsConfig;
import dev.vestibule.contract.TopicSpec;
import dev.vestibule.contract.Topics;
import dev.vestibule.standalone.broker.TopicDifference.Severity;
import dev.vestibule.standalone.broker.TopicSetup.Scale;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TopicSetupTest {
  private EmbeddedBroker broker;
  private Admin admin;

  @BeforeAll
  void start(@TempDir Path dir) {
    broker = EmbeddedBroker.start(dir, 0);
    admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()));
  }

  @AfterAll
  void stop() {
    admin.close();
    broker.close();
  }

  @Test
  void createsEveryTopicAsPlannedAndThenFindsNothingToSay() throws Exception {
    // Given
    TopicSetup setup = new TopicSetup(config("planned.", Map.of(), Map.of()), Scale.EMBEDDED);

    // When
    List<TopicDifference> first = setup.apply(admin);
    List<TopicDifference> second = setup.apply(admin);

    // Then
    assertThat(first).isEmpty();
    assertThat(second).isEmpty();
    for (TopicSpec spec : Topics.all()) {
      String name = "planned." + spec.name();
      assertThat(partitions(name)).as(name).isEqualTo(spec.embeddedPartitions());
      spec.settings()
          .forEach((key, value) -> assertThat(setting(name, key)).as(key).isEqualTo(value));
    }
  }

  @Test
  void countsAndRetentionComeFromTheConfiguration() throws Exception {
    // Given
    TopicsConfig config =
        config(
            "configured.", Map.of(Topics.EVENTS, 7), Map.of(Topics.DUPLICATES, Duration.ofDays(3)));

    // When
    new TopicSetup(config, Scale.EMBEDDED).apply(admin);

    // Then
    assertThat(partitions("configured." + Topics.EVENTS)).isEqualTo(7);
    assertThat(setting("configured." + Topics.DUPLICATES, "retention.ms"))
        .isEqualTo(Long.toString(Duration.ofDays(3).toMillis()));
  }

  @Test
  void aTopicThatWouldLoseRecordsStopsTheStartAndIsLeftAsItIs() throws Exception {
    // Given
    TopicSetup setup = new TopicSetup(config("unfit.", Map.of(), Map.of()), Scale.EMBEDDED);
    setup.apply(admin);
    alter("unfit." + Topics.EVENTS, "cleanup.policy", "compact");

    // When, then
    assertThatThrownBy(() -> setup.apply(admin))
        .isInstanceOf(TopicsUnfitException.class)
        .hasMessage(
            "topic unfit.visitor.events: cleanup.policy is compact, expected delete; change it"
                + " with: kafka-configs --alter --entity-type topics --entity-name"
                + " unfit.visitor.events --add-config cleanup.policy=delete");
    assertThat(setting("unfit." + Topics.EVENTS, "cleanup.policy")).isEqualTo("compact");
  }

  @Test
  void otherPartitionsAndRetentionAreReportedAndLeftAsTheyAre() throws Exception {
    // Given
    admin
        .createTopics(List.of(new NewTopic("other." + Topics.NORMALIZED, 2, (short) 1)))
        .all()
        .get();
    alter("other." + Topics.NORMALIZED, "max.message.bytes", "4194304");
    TopicSetup setup = new TopicSetup(config("other.", Map.of(), Map.of()), Scale.EMBEDDED);

    // When
    List<TopicDifference> differences = setup.apply(admin);

    // Then
    assertThat(differences)
        .extracting(TopicDifference::setting, TopicDifference::severity)
        .containsExactlyInAnyOrder(
            tuple("partitions", Severity.WARNING), tuple("retention.ms", Severity.WARNING));
    assertThat(partitions("other." + Topics.NORMALIZED)).isEqualTo(2);
  }

  @Test
  void aSmallerRecordLimitIsAnErrorAndALargerOneIsNot() throws Exception {
    // Given
    TopicSetup setup = new TopicSetup(config("limit.", Map.of(), Map.of()), Scale.EMBEDDED);
    setup.apply(admin);
    alter("limit." + Topics.EVENTS, "max.message.bytes", "8388608");

    // When, then
    assertThat(setup.apply(admin)).isEmpty();
    alter("limit." + Topics.EVENTS, "max.message.bytes", "1048588");
    assertThatThrownBy(() -> setup.apply(admin))
        .isInstanceOf(TopicsUnfitException.class)
        .hasMessageContaining("max.message.bytes is 1048588, expected 4194304");
  }

  @Test
  void aSinkThatParksHasACompactedTopicOfItsOwn() {
    // Given
    TopicsConfig config =
        new TopicsConfig(
            "acme.", (short) 3, Map.of(), Map.of(), List.of(Topics.parked("hq-doors")));

    // When
    NewTopic parked =
        Objects.requireNonNull(
            new TopicSetup(config, Scale.PRODUCTION).wanted().get("acme.sink.hq-doors.parked"));

    // Then
    assertThat(parked.numPartitions()).isEqualTo(1);
    assertThat(parked.configs())
        .containsEntry("cleanup.policy", "compact")
        .doesNotContainKey("retention.ms");
  }

  @Test
  void clicksAreKeptInTheirOrderWithKafkasOwnTime() {
    // Given
    TopicsConfig config =
        new TopicsConfig(
            "acme.", (short) 3, Map.of(), Map.of(), List.of(Topics.interactions("frontdesk")));

    // When
    NewTopic clicks =
        Objects.requireNonNull(
            new TopicSetup(config, Scale.PRODUCTION)
                .wanted()
                .get("acme.sink.frontdesk.interactions"));

    // Then
    assertThat(clicks.numPartitions()).isEqualTo(1);
    assertThat(clicks.configs())
        .containsEntry("cleanup.policy", "delete")
        .containsEntry("retention.ms", Long.toString(Duration.ofDays(1).toMillis()))
        .containsEntry("message.timestamp.type", "LogAppendTime");
  }

  @Test
  void productionCountsAndSafeReplicationAreAskedForInProduction() {
    // Given
    TopicsConfig config = new TopicsConfig("", (short) 3, Map.of(), Map.of());

    // When
    NewTopic events =
        Objects.requireNonNull(
            new TopicSetup(config, Scale.PRODUCTION).wanted().get(Topics.EVENTS));

    // Then
    assertThat(events.numPartitions()).isEqualTo(64);
    assertThat(events.replicationFactor()).isEqualTo((short) 3);
    assertThat(events.configs()).containsEntry("min.insync.replicas", "2");
  }

  private static TopicsConfig config(
      String prefix, Map<String, Integer> partitions, Map<String, Duration> retention) {
    return new TopicsConfig(prefix, (short) 1, partitions, retention);
  }

  private int partitions(String topic) throws Exception {
    return admin.describeTopics(List.of(topic)).allTopicNames().get().values().stream()
        .mapToInt(description -> description.partitions().size())
        .sum();
  }

  private String setting(String topic, String key) {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    try {
      Config config =
          Objects.requireNonNull(admin.describeConfigs(List.of(resource)).values().get(resource))
              .get();
      return Objects.requireNonNull(config.get(key)).value();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private void alter(String topic, String key, String value) throws Exception {
    AlterConfigOp op = new AlterConfigOp(new ConfigEntry(key, value), AlterConfigOp.OpType.SET);
    admin
        .incrementalAlterConfigs(
            Map.of(new ConfigResource(ConfigResource.Type.TOPIC, topic), List.of(op)))
        .all()
        .get();
    await().untilAsserted(() -> assertThat(setting(topic, key)).isEqualTo(value));
  }
}
