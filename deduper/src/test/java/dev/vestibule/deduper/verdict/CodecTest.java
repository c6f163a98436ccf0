package dev.vestibule.deduper.verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vestibule.deduper.verdict.Remembered.FirstCopy;
import dev.vestibule.deduper.verdict.Remembered.Row;
import dev.vestibule.deduper.verdict.Remembered.Snapshots;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class CodecTest {
  private static final long BUCKET = 1_800_057_600_000L;
  private static final Hash HASH = new Hash(-1, Long.MIN_VALUE);

  static Stream<Arguments> remembered() {
    long far = (1L << 48) - 1;
    return Stream.of(
        Arguments.of(new FirstCopy(1, 0, BUCKET, null, null, null), 11),
        Arguments.of(
            new FirstCopy(Codec.MAX_SCHEME, far, BUCKET + 86_399_999, null, null, null), 11),
        Arguments.of(new FirstCopy(2, 1L << 32, BUCKET + 1, null, -5L, null), 19),
        Arguments.of(new FirstCopy(1, 0xFFFF_FFFFL, BUCKET, HASH, 7L, null), 35),
        Arguments.of(new FirstCopy(1, 9, BUCKET, HASH, 7L, (1L << 48) - 1), 41),
        Arguments.of(new Snapshots(List.of()), 1),
        Arguments.of(
            new Snapshots(
                List.of(
                    new Row(1, 5, BUCKET, HASH, Set.of()),
                    new Row(15, far, BUCKET + 9, HASH, EnumSet.allOf(TerminalFact.class)))),
            57));
  }

  @ParameterizedTest
  @MethodSource("remembered")
  void whatIsRememberedComesBackAndStaysSmall(Remembered value, int bytes) {
    // When
    byte[] encoded = Codec.encode(value, BUCKET);

    // Then
    assertThat(encoded).hasSize(bytes);
    assertThat(Codec.decode(encoded, BUCKET)).isEqualTo(value);
  }

  /** Guessing at what a newer build wrote could drop a first copy. */
  @Test
  void stateOfANewerBuildIsRefused() {
    // Given
    byte[] newer = {(byte) 0xF1, 0, 0};

    // When and Then
    assertThatThrownBy(() -> Codec.decode(newer, BUCKET))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("unknown version 15");
  }
}
