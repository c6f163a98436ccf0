package dev.vestibule.sink.access.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vestibule.sink.access.target.TargetException.Kind;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValuesTest {
  private static final Instant START = Instant.parse("2026-01-15T09:00:00Z");
  private static final GrantKey KEY = new GrantKey("visit-1");

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a/b", "a.b", "V-1", "ä", "\u0663"})
  void aKeyThatCouldNotStandEverywhereIsNone(String text) {
    assertThatThrownBy(() -> new GrantKey(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aKeyIsNoLongerThanEveryTargetTakes() {
    assertThat(new GrantKey("a".repeat(64)).value()).hasSize(64);
    assertThatThrownBy(() -> new GrantKey("a".repeat(65)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aWindowIsInWholeSecondsAndNeverLongerThanTheGrant() throws Exception {
    Window window = Window.of(grant(START.plusMillis(300), START.plusMillis(2999)));

    assertThat(window).isEqualTo(new Window(START, START.plusSeconds(2)));
  }

  @Test
  void aGrantThatIsNoSecondLongIsNone() {
    assertThatThrownBy(() -> Window.of(grant(START, START.plusMillis(999))))
        .isInstanceOfSatisfying(
            TargetException.class, e -> assertThat(e.kind()).isEqualTo(Kind.REJECTED));
  }

  private static Grant grant(Instant from, Instant until) {
    return new Grant(KEY, 1, from, until, until, Set.of("zone"), "Ada L", null);
  }

  @ParameterizedTest
  @CsvSource({
    "Ada Lovelace, Ada, Lovelace",
    "'  Ada   King of  Lovelace ', Ada, King of Lovelace",
    "Ada, Ada, -",
    "'', Visitor, -",
    "'A\u0007da\nL', A, da L"
  })
  void aNameHasTwoParts(String name, String first, String last) {
    assertThat(PersonName.of(name)).isEqualTo(new PersonName(first, last));
  }

  @Test
  void whatIsSeenTwiceIsOpenAsLongAsTheLonger() {
    Observed one = seen(true, START, "a");
    Observed other = seen(true, START.plusSeconds(1), "b");

    assertThat(one.and(other)).isEqualTo(other.and(one));
    assertThat(one.and(other).validUntil()).isEqualTo(START.plusSeconds(1));
    assertThat(one.and(other).zones()).containsExactlyInAnyOrder("a", "b");
    assertThat(one.and(seen(true, null, "b")).validUntil()).as("never").isNull();
    assertThat(one.and(seen(false, null, "b"))).isEqualTo(one);
    assertThat(seen(false, null, "b").and(one)).isEqualTo(one);
  }

  private static Observed seen(boolean active, @Nullable Instant until, String zone) {
    return new Observed(KEY, active, until, Set.of(zone));
  }
}
