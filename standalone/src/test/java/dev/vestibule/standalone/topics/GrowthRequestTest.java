package dev.vestibule.standalone.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vestibule.contract.Generation;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Topics;
import dev.vestibule.control.ControlState;
import dev.vestibule.control.Growth;
import dev.vestibule.control.Growth.Step;
import dev.vestibule.control.WriterKind;
import dev.vestibule.standalone.Failure;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GrowthRequestTest {
  private static final TopicNames NAMES = TopicNames.UNPREFIXED;

  @Test
  void everyTopicHasAWay() {
    assertThat(Topics.all()).allSatisfy(spec -> assertThat(Way.of(spec.name())).isPresent());
    assertThat(Way.of("visitor.raw.envoy")).contains(new Way.BehindPause(WriterKind.INGRESS));
    assertThat(Way.of(Topics.EVENTS_HEALTH)).contains(new Way.BehindPause(WriterKind.DEDUPER));
    assertThat(Way.of(Topics.NORMALIZED)).contains(new Way.ByGeneration());
    assertThat(Way.of(Topics.DUPLICATES)).contains(new Way.AtOnce());
  }

  @Test
  void aTopicIsUnderstoodByEveryNameOfIt() {
    TopicNames prefixed = new TopicNames("acme.");

    assertThat(GrowthRequest.of("acme.visitor.events", 8, prefixed).topic())
        .isEqualTo(Topics.EVENTS);
    assertThat(GrowthRequest.of("visitor.events", 8, prefixed).topic()).isEqualTo(Topics.EVENTS);
    assertThat(GrowthRequest.of("visitor.normalized.g3", 8, NAMES).topic())
        .isEqualTo(Topics.NORMALIZED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"visitor.normalised", "visitor.raw.acme", "other", ""})
  void anUnknownTopicIsRefused(String topic) {
    assertThatThrownBy(() -> GrowthRequest.of(topic, 8, NAMES))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("'" + topic + "' is no topic of Vestibule");
  }

  @Test
  void aTopicThatIsReadAsAWholeIsRefused() {
    assertThatThrownBy(() -> GrowthRequest.of(Topics.WATCHLIST, 8, NAMES))
        .isInstanceOf(Failure.class)
        .hasMessage(
            "topic visitor.watchlist cannot grow: it is read as a whole and has one partition");
  }

  @ParameterizedTest
  @ValueSource(strings = {"parked", "access", "messages", "replay", "interactions"})
  void aSinksOwnTopicHasOnePartition(String topic) {
    assertThatThrownBy(() -> GrowthRequest.of("sink.frontdesk." + topic, 8, NAMES))
        .isInstanceOf(Failure.class)
        .hasMessageStartingWith("topic sink.frontdesk." + topic + " cannot grow: it is read ");
  }

  @Test
  void withoutControlTopicNothingGrowsAndTheRemedyIsNamed() {
    assertThatThrownBy(() -> admit(Topics.EVENTS, 12, ControlState.ABSENT, 4))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("run 'vestibule topics apply'");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 3, 4})
  void aCountThatIsNotAboveThePresentOneIsRefused(int partitions) {
    assertThatThrownBy(() -> admit(Topics.EVENTS, partitions, state(1, null), 4))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("visitor.events has 4 partitions already")
        .hasMessageContaining("was " + partitions);
  }

  @Test
  void theNormalizedTopicGrowsIntoTheNextGeneration() {
    assertThat(admit(Topics.NORMALIZED, 12, state(1, null), 4))
        .isEqualTo(new Growth(Topics.NORMALIZED, 12, 2, Step.PREPARE));
    assertThat(admit(Topics.NORMALIZED, 12, state(4, null), 8))
        .isEqualTo(new Growth(Topics.NORMALIZED, 12, 5, Step.PREPARE));
    assertThat(admit(Topics.EVENTS, 12, state(4, null), 8).generation()).isZero();
  }

  @Test
  void whereAStrangerAddedPartitionsTheSameCountIsARepair() {
    GrowthRequest request = GrowthRequest.of(Topics.NORMALIZED, 6, NAMES);

    assertThat(request.admit(state(1, null), _ -> 6, false).generation()).isEqualTo(2);
    assertThatThrownBy(() -> request.admit(state(1, null), _ -> 6, true))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("has 6 partitions already");
    assertThatThrownBy(() -> request.admit(state(1, null), _ -> 8, false))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("has 8 partitions already");
  }

  @Test
  void theGrowthThatWasBegunGoesOnAndNoOther() {
    Growth running = new Growth(Topics.NORMALIZED, 12, 2, Step.CARRY);

    assertThat(admit(Topics.NORMALIZED, 12, state(1, running), 4)).isEqualTo(running);
    assertThatThrownBy(() -> admit(Topics.NORMALIZED, 16, state(1, running), 4))
        .isInstanceOf(Failure.class)
        .hasMessage(
            "topic visitor.normalized is growing to 12 partitions; finish that first with"
                + " 'vestibule topics grow visitor.normalized --partitions 12'");
    assertThatThrownBy(() -> admit(Topics.EVENTS, 12, state(1, running), 4))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("visitor.normalized is growing");
  }

  private static Growth admit(String topic, int partitions, ControlState state, int present) {
    return GrowthRequest.of(topic, partitions, NAMES).admit(state, _ -> present, true);
  }

  private static ControlState state(int generation, @Nullable Growth growth) {
    return new ControlState(true, new Generation(generation), Map.of(), growth, Map.of());
  }
}
