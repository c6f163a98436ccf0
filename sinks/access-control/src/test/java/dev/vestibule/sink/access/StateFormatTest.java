package dev.vestibule.sink.access;

import static dev.vestibule.sink.access.Facts.MACHINE;
import static dev.vestibule.sink.access.Facts.at;
import static dev.vestibule.sink.access.Facts.fact;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vestibule.contract.IdentityKey;
import dev.vestibule.events.EventType;
import dev.vestibule.sink.UnreadableStateException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class StateFormatTest {
  private final StateFormat format = new StateFormat(Facts.IDENTITY);

  private static VisitAccess lived() {
    VisitAccess state = VisitAccess.NONE;
    state = MACHINE.take(state, new Fact.Decided("d", true), at(0)).state();
    state = MACHINE.take(state, fact("hit", EventType.WATCHLIST_HIT, -5), at(0)).state();
    state = MACHINE.take(state, fact("clear", EventType.SCREENING_CLEARED, -4), at(0)).state();
    state = MACHINE.take(state, new Fact.Reviewed(true, at(0)), at(0)).state();
    return MACHINE.take(state, fact("in", EventType.SIGNED_IN, 0), at(1)).state();
  }

  @Test
  void whatIsWrittenIsRead() {
    VisitAccess open = lived();
    VisitAccess closed = MACHINE.take(open, fact("gone", EventType.ERASED, 2), at(3)).state();

    assertThat(format.read(format.write(open))).isEqualTo(open);
    assertThat(format.read(format.write(closed))).isEqualTo(closed);
    assertThat(format.read(format.write(VisitAccess.NONE))).isEqualTo(VisitAccess.NONE);
  }

  @Test
  void nobodyIsNamedInClear() {
    VisitAccess open = lived();

    assertThat(new String(format.write(open), StandardCharsets.UTF_8)).doesNotContain("Alice");
    assertThat(open.toString()).doesNotContain("Alice");
    assertThat(format.write(open)).hasSizeLessThan(1500);
  }

  @Test
  void whatIsNotUnderstoodIsNoEmptyState() {
    for (String text : new String[] {"", "{}", "{\"v\":2}", "{\"v\":1}", "x"}) {
      assertThatThrownBy(() -> format.read(text.getBytes(StandardCharsets.UTF_8)))
          .isInstanceOf(UnreadableStateException.class)
          .hasMessageContaining("is not readable by this release");
    }
  }

  @Test
  void anotherIdentityKeyReadsNothing() {
    byte[] other = new byte[32];
    other[0] = 1;

    assertThatThrownBy(() -> new StateFormat(new IdentityKey(other)).read(format.write(lived())))
        .isInstanceOf(UnreadableStateException.class);
  }

  @Test
  void cardsAreKeptAsTheyCameSealed() {
    VisitAccess state =
        MACHINE.take(lived(), fact(Facts.card("a", "c", "assigned", "0012345", 1)), at(1)).state();
    Card card = state.card("c").orElseThrow();
    VisitAccess out =
        state.with(card.with(new Card.Given("f", "sealed", true, 7, "print")).returnedBy("back"));
    VisitAccess back =
        MACHINE.take(out, fact(Facts.card("b", "c", "returned", "0012345", 2)), at(2)).state();

    assertThat(format.read(format.write(state))).isEqualTo(state);
    assertThat(format.read(format.write(out))).isEqualTo(out);
    assertThat(format.read(format.write(back))).isEqualTo(back);
    assertThat(new String(format.write(out), StandardCharsets.UTF_8)).doesNotContain("0012345");
  }
}
