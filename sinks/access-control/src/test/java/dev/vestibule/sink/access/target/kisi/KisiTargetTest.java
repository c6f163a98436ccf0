package dev.vestibule.sink.access.target.kisi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vestibule.config.ConfigException;
import dev.vestibule.config.Secret;
import dev.vestibule.sink.access.target.AccessTarget;
import dev.vestibule.sink.access.target.AccessTarget.Capability;
import dev.vestibule.sink.access.target.FakeServer;
import dev.vestibule.sink.access.target.FakeServer.Request;
import dev.vestibule.sink.access.target.FakeSystem;
import dev.vestibule.sink.access.target.Fault;
import dev.vestibule.sink.access.target.Grant;
import dev.vestibule.sink.access.target.GrantKey;
import dev.vestibule.sink.access.target.ReadableSystem;
import dev.vestibule.sink.access.target.ReadableTargetContract;
import dev.vestibule.sink.access.target.TargetException;
import dev.vestibule.sink.access.target.TargetException.Kind;
import dev.vestibule.sink.access.target.http.Timeouts;
import dev.vestibule.sink.access.target.http.Turnstile;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class KisiTargetTest extends ReadableTargetContract {
  private final FakeKisi kisi = new FakeKisi();

  @Override
  protected ReadableSystem startReadable() {
    return new ReadableSystem() {
      @Override
      public FakeServer server() {
        return kisi;
      }

      @Override
      public AccessTarget connect(Timeouts timeouts) {
        return new KisiTarget(
            settings(kisi.address().toString(), timeouts),
            Turnstile.OPEN,
            InstantSource.fixed(NOW));
      }

      @Override
      public String zone(int n) {
        return Integer.toString(45270 + n);
      }

      @Override
      public List<Standing> standing(GrantKey key) {
        return kisi.standing(key);
      }

      @Override
      public void refuseUs() {
        kisi.demoteOwner();
      }

      @Override
      public boolean remembers(GrantKey key) {
        return kisi.remembers(key);
      }

      @Override
      public List<String> secrets() {
        return List.of(FakeKisi.API_KEY);
      }

      @Override
      public void addForeign() {
        for (int n = 0; n < 12; n++) {
          kisi.addForeign("colleague " + n, "colleague" + n + "@company.example");
        }
        kisi.addForeign(NAME, EMAIL);
        kisi.addForeign(KEY + "@vk.visit.invalid", "x" + KEY + "@vk.visit.invalid.example");
        kisi.addForeign(NAME, KEY + "@other.visit.invalid");
        kisi.addForeign(NAME, "not_ours@vk.visit.invalid");
      }

      @Override
      public String foreign() {
        return kisi.foreign();
      }
    };
  }

  private static KisiSettings settings(String address, Timeouts timeouts) {
    return new KisiSettings(
        "vestibule.sinks.doors.",
        address,
        new Secret(FakeKisi.API_KEY),
        "vk",
        "vestibule-test",
        "ops@company.example",
        timeouts);
  }

  @Test
  void rolesGivenTwiceAreAllRevoked() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0, 1));
    kisi.duplicateRoles(KEY);

    target.ensureRevoked(KEY, 2);

    assertThat(kisi.rolesOf(KEY)).isEmpty();
  }

  @Test
  void rolesGivenTwiceAreOneAfterTheNextGrant() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0));
    kisi.duplicateRoles(KEY);

    target.ensureGranted(grant(KEY, 1, END, 0));

    assertThat(kisi.rolesOf(KEY)).hasSize(1);
  }

  @Test
  void aMemberMadeTwiceOpensOnceAndIsRevokedWhole() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0));
    kisi.duplicateMember(KEY);
    target.ensureGranted(grant(KEY, 2, END, 1));
    assertThat(kisi.standing(KEY)).containsExactly(open(END, 1));

    kisi.duplicateMember(KEY);
    target.ensureRevoked(KEY, 3);
    assertThat(kisi.rolesOf(KEY)).isEmpty();
  }

  @Test
  void aRoleThatSomebodyElseHasRemovedIsRevoked() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0));
    kisi.removesBeforeUs = true;

    target.ensureRevoked(KEY, 2);

    assertThat(kisi.rolesOf(KEY)).isEmpty();
  }

  @Test
  void aRevokeIsDoneOnlyWhenTheRolesAreSeenToBeGone() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0));
    kisi.givesBack = true;

    assertThat(failure(() -> target.ensureRevoked(KEY, 2)).kind()).isEqualTo(Kind.RETRY);
    kisi.givesBack = false;
    target.ensureRevoked(KEY, 2);

    assertThat(kisi.rolesOf(KEY)).isEmpty();
  }

  @Test
  void anotherWindowTakesTheOldRoleAwayBeforeItGivesTheNew() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0));
    kisi.forgetRequests();

    target.ensureGranted(grant(KEY, 2, END.plusSeconds(60), 0));

    assertThat(kisi.requests().stream().filter(r -> !r.method().equals("GET")).map(Request::method))
        .containsExactly("DELETE", "POST");
  }

  @Test
  void aRoleWithoutAnEndIsShownSoAndReplaced() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0));
    kisi.unendRoles(KEY);

    assertThat(target.find(KEY).orElseThrow().validUntil()).isNull();
    assertThat(target.find(KEY).orElseThrow().active()).isTrue();

    target.ensureGranted(grant(KEY, 1, END, 0));
    assertThat(kisi.standing(KEY)).containsExactly(open(END, 0));
  }

  @Test
  void rolesThatDoNotShowTheirDatesAreGivenAnew() throws Exception {
    target.ensureGranted(grant(KEY, 1, END.plusSeconds(60), 0));
    kisi.hidesDates = true;

    target.ensureGranted(grant(KEY, 2, END, 0));

    assertThat(kisi.standing(KEY)).containsExactly(open(END, 0));
  }

  @Test
  void anAmbiguousMemberIsLookedUpByItsAddress() throws Exception {
    kisi.fail(new Fault.Hangup(true));
    failure(() -> target.ensureGranted(grant(KEY, 1, END, 0)));
    target.ensureGranted(grant(KEY, 1, END, 0));

    assertThat(kisi.count("POST", "/members")).isEqualTo(1);
  }

  @Test
  void everyCallSaysWhoAsksAndNoLinkIsEverMade() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0));
    target.ensureRevoked(KEY, 2);

    assertThat(kisi.requests())
        .allSatisfy(request -> {
          assertThat(request.headers().getFirst("X-Kisi-Integration-Identifier"))
              .isEqualTo("vestibule-test");
          assertThat(request.headers().getFirst("X-Kisi-Integration-Contact"))
              .isEqualTo("ops@company.example");
          assertThat(request.path()).doesNotContain("links");
        });
    assertThat(kisi.requests().stream().filter(r -> r.is("POST", "/members")))
        .singleElement()
        .satisfies(request ->
            assertThat(request.json().path("member").path("email").asText())
                .isEqualTo(KEY + "@vk.visit.invalid"));
  }

  @Test
  void whatKisiDoesNotTakeIsRejected() {
    Grant unknown = new Grant(KEY, 1, NOW, END, END, Set.of("999"), NAME, null);
    Grant noGroup = new Grant(KEY, 1, NOW, END, END, Set.of("lobby"), NAME, null);

    assertThat(failure(() -> target.ensureGranted(unknown)).kind()).isEqualTo(Kind.REJECTED);
    TargetException failure = failure(() -> target.ensureGranted(noGroup));
    assertThat(failure.kind()).isEqualTo(Kind.REJECTED);
    assertThat(failure).hasMessageContaining("zone 'lobby' is no group; expected its number");
  }

  @Test
  void aLockdownIsNotClaimed() {
    assertThat(target.capabilities()).doesNotContain(Capability.LOCKS_DOWN);
    assertThat(failure(() -> target.lockDown(Set.of("1"))).kind()).isEqualTo(Kind.REJECTED);
    assertThat(failure(() -> target.release(Set.of("1"))).kind()).isEqualTo(Kind.REJECTED);
    assertThat(failure(() -> target.assignCard(KEY, "1")).kind()).isEqualTo(Kind.REJECTED);
    assertThat(failure(() -> target.returnCard(KEY, "1")).kind()).isEqualTo(Kind.REJECTED);
    assertThat(kisi.requests()).isEmpty();
  }

  @Test
  void settingsThatCannotBeRightAreRefused() {
    assertThatThrownBy(() -> settings("ftp://api.kisi.io", FakeSystem.PATIENT))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("vestibule.sinks.doors.url: 'ftp://api.kisi.io' is no address");
  }
}
