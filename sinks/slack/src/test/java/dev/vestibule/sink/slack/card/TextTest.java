package dev.vestibule.sink.slack.card;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextTest {

  @ParameterizedTest
  @ValueSource(strings = {"a\nb", "a\r\nb", "a\u2028b", "a\u0085b", "a\u00a0 \t b", "a\u0000b"})
  void lineEndsControlsAndBlanksBecomeOneSpace(String text) {
    assertThat(Text.clean(text, 10)).isEqualTo("a b");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a\u202eb",
        "a\u2066b",
        "a\u200bb",
        "a\ufeffb",
        "a\u200db",
        "a\u3164b",
        "a\ufe0fb"
      })
  void whatIsNotSeenOrTurnsTheDirectionIsLeftOut(String text) {
    assertThat(Text.clean(text, 10)).isEqualTo("ab");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\n\u200b\u202e \u3000", "\u0301\u0301"})
  void nothingToSeeIsEmpty(String text) {
    assertThat(Text.clean(text, 10)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\ud800b", "a\udfffb", "a\ue000b", "a\uffffb"})
  void whatIsNoCharacterIsSeenToBeNone(String text) {
    assertThat(Text.clean(text, 10)).isEqualTo("a\ufffdb");
  }

  @Test
  void lettersKeepAFewMarksOnly() {
    assertThat(Text.clean("e" + "\u0301".repeat(50) + "x", 10))
        .isEqualTo("e" + "\u0301".repeat(4) + "x");
  }

  @ParameterizedTest
  @CsvSource({
    "abcde, 5, abcde",
    "abcdef, 5, abcd…",
    "abc def, 5, abc…",
    "abcd, 1, …",
    "😀😀😀, 3, 😀😀😀",
    "😀😀😀😀, 3, 😀😀…"
  })
  void longTextIsCutBetweenCodePoints(String text, int max, String cut) {
    assertThat(Text.clean(text, max)).isEqualTo(cut);
  }

  @Test
  void cleaningTwiceChangesNothing() {
    long seed = new Random().nextLong();
    Hostile hostile = new Hostile(new Random(seed));
    for (int i = 0; i < 20_000; i++) {
      int max = 1 + i % 50;
      String once = Text.clean(hostile.name(), max);

      assertThat(Text.clean(once, max)).as("seed %s, name %s", seed, i).isEqualTo(once);
      assertThat(once.codePointCount(0, once.length())).isLessThanOrEqualTo(max);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "<!channel> ~ &lt;!channel&gt;",
        "A&B ~ A&amp;B",
        "&amp; ~ &amp;amp;",
        "<https://x|y> ~ &lt;https:\u200b/\u200b/\u200bx|y&gt;",
        "*x* ~ *\u200bx*\u200b",
        ":bomb: ~ :\u200bbomb:",
        "evil.example ~ evil.\u200bexample",
        "Ada L. ~ Ada L."
      })
  void escapedTextShowsWhatWasTyped(String typed, String escaped) {
    assertThat(Text.escape(Text.clean(typed, 100))).isEqualTo(escaped);
  }
}
