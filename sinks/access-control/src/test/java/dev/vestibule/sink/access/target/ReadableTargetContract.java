package dev.vestibule.sink.access.target;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.sink.access.target.AccessTarget.Capability;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What holds for every target that can be asked what is there. */
public abstract class ReadableTargetContract extends TargetContract {
  @SuppressWarnings("NullAway.Init") // the first thing that start() does
  private ReadableSystem system;

  protected abstract ReadableSystem startReadable() throws Exception;

  @Override
  protected final FakeSystem start() throws Exception {
    system = startReadable();
    return system;
  }

  @Test
  void itSaysThatItReadsBack() {
    assertThat(target.capabilities()).contains(Capability.READS_BACK);
    assertThat(target.pace().parallelCalls()).isPositive();
  }

  @Test
  void theSameGrantAgainChangesNothing() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0, 1));
    system.server().forgetRequests();

    assertThat(restarted().ensureGranted(grant(KEY, 1, END, 0, 1))).isEqualTo(Effect.ALREADY);
    assertThat(system.server().requests()).noneMatch(system.server()::changes);
  }

  @Test
  void aRevokeOfWhatIsRevokedChangesNothing() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0));
    target.ensureRevoked(KEY, 2);
    system.server().forgetRequests();

    assertThat(restarted().ensureRevoked(KEY, 2)).isEqualTo(Effect.ALREADY);
    assertThat(restarted().ensureRevoked(OTHER, 2)).isEqualTo(Effect.ALREADY);
    assertThat(system.server().requests()).noneMatch(system.server()::changes);
  }

  @Test
  void whatIsThereIsFoundByItsKey() throws Exception {
    system.addForeign();
    assertThat(target.find(KEY)).isEmpty();

    target.ensureGranted(grant(KEY, 1, END, 0, 1));
    Observed found = restarted().find(KEY).orElseThrow();

    assertThat(found.key()).isEqualTo(KEY);
    assertThat(found.active()).isTrue();
    assertThat(found.validUntil()).isEqualTo(END);
    assertThat(found.zones()).containsExactlyInAnyOrder(system.zone(0), system.zone(1));

    target.ensureRevoked(KEY, 2);
    assertThat(restarted().find(KEY).filter(Observed::active)).isEmpty();
  }

  @Test
  void onlyWhatIsOursIsListedAndTouched() throws Exception {
    system.addForeign();
    String before = system.foreign();
    target.ensureGranted(grant(KEY, 1, END, 0));
    target.ensureGranted(grant(OTHER, 1, END, 1));
    target.ensureRevoked(OTHER, 2);

    assertThat(restarted().listManaged())
        .filteredOn(Observed::active)
        .singleElement()
        .satisfies(only -> {
          assertThat(only.key()).isEqualTo(KEY);
          assertThat(only.zones()).isEqualTo(Set.of(system.zone(0)));
          assertThat(only.validUntil()).isEqualTo(END);
        });

    for (Observed observed : target.listManaged()) {
      target.ensureRevoked(observed.key(), 3);
      target.erase(observed.key());
    }
    assertThat(system.foreign()).isEqualTo(before);
    assertThat(restarted().listManaged()).isEmpty();
  }

  @Test
  void manyAreListedOverAllPages() throws Exception {
    system.addForeign();
    for (int n = 0; n < 12; n++) {
      target.ensureGranted(grant(new GrantKey("many-" + n), 1, END, 0));
    }

    assertThat(restarted().listManaged()).hasSize(12).allMatch(Observed::active);
  }
}
