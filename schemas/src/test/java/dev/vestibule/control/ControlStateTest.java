package dev.vestibule.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vestibule.contract.Generation;
import dev.vestibule.control.ControlState.Entry;
import dev.vestibule.control.ControlState.Writer;
import dev.vestibule.control.Growth.Step;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ControlStateTest {
  private static final Pause PAUSE = new Pause("p-1", "visitor.normalized");
  private static final Growth GROWTH = new Growth("visitor.normalized", 12, 2, Step.CARRY);

  @Test
  void withoutRecordsTheFirstGenerationCountsAndNobodyIsPaused() {
    assertThat(ControlState.EMPTY.orders(WriterKind.DEDUPER))
        .isEqualTo(new Orders(Generation.FIRST, null));
    assertThat(ControlState.ABSENT.orders(WriterKind.INGRESS))
        .isEqualTo(new Orders(Generation.FIRST, null));
  }

  @Test
  void everyRecordSurvivesItsWayThroughTheTopic() {
    ControlState state =
        fold(
            Entry.generation(new Generation(3)),
            Entry.growth(GROWTH),
            Entry.pause(WriterKind.NORMALIZER, PAUSE),
            Entry.writer("ingress/a", "p-1"));

    assertThat(state)
        .isEqualTo(
            new ControlState(
                true,
                new Generation(3),
                Map.of(WriterKind.NORMALIZER, PAUSE),
                GROWTH,
                Map.of("ingress/a", new Writer("p-1", 3))));
  }

  @Test
  void whatIsTakenBackIsGone() {
    ControlState state =
        fold(
            Entry.growth(GROWTH),
            Entry.pause(WriterKind.DEDUPER, PAUSE),
            Entry.writer("ingress/a", ""),
            Entry.noGrowth(),
            Entry.resume(WriterKind.DEDUPER),
            Entry.gone("ingress/a"));

    assertThat(state).isEqualTo(ControlState.EMPTY);
  }

  @Test
  void aPauseIsForOneKindOfWriter() {
    ControlState state = fold(Entry.pause(WriterKind.DEDUPER, PAUSE));

    assertThat(state.orders(WriterKind.DEDUPER).pause()).isEqualTo(PAUSE);
    assertThat(state.orders(WriterKind.NORMALIZER).pause()).isNull();
    assertThat(state.orders(WriterKind.INGRESS).pause()).isNull();
  }

  @Test
  void aRecordOfAnotherVersionIsRefusedRatherThanGuessed() {
    byte[] newer = "{\"version\":2,\"generation\":9}".getBytes(StandardCharsets.UTF_8);

    assertThatThrownBy(() -> ControlState.EMPTY.with("generation", newer, 0))
        .isInstanceOf(ControlException.class)
        .hasMessage(
            "control record 'generation' has version 2, expected 1; it was written by another"
                + " release, use that one");
    assertThatThrownBy(() -> ControlState.EMPTY.with("growth", new byte[] {'x'}, 0))
        .isInstanceOf(ControlException.class)
        .hasMessage("control record 'growth' is not JSON");
  }

  @Test
  void aKeyThatNobodyKnowsYetChangesNothing() {
    byte[] value = "{\"version\":1}".getBytes(StandardCharsets.UTF_8);

    assertThat(ControlState.EMPTY.with("something-new", value, 0)).isEqualTo(ControlState.EMPTY);
  }

  @Test
  void onlyUpToTheCarryingCanAGrowthBeTakenBack() {
    assertThat(GROWTH.at(Step.PREPARE).canBeTakenBack()).isTrue();
    assertThat(GROWTH.at(Step.PAUSE).canBeTakenBack()).isTrue();
    assertThat(GROWTH.at(Step.CARRY).canBeTakenBack()).isFalse();
  }

  private static ControlState fold(Entry... entries) {
    ControlState state = ControlState.EMPTY;
    for (int offset = 0; offset < entries.length; offset++) {
      state = state.with(entries[offset].key(), entries[offset].value(), offset);
    }
    return state;
  }
}
