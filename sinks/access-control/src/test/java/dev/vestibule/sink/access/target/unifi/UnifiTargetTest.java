package dev.vestibule.sink.access.target.unifi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vestibule.config.ConfigException;
import dev.vestibule.config.Secret;
import dev.vestibule.sink.access.target.AccessTarget;
import dev.vestibule.sink.access.target.Effect;
import dev.vestibule.sink.access.target.FakeServer;
import dev.vestibule.sink.access.target.FakeServer.Request;
import dev.vestibule.sink.access.target.FakeSystem;
import dev.vestibule.sink.access.target.FakeSystem.Standing;
import dev.vestibule.sink.access.target.Fault;
import dev.vestibule.sink.access.target.Grant;
import dev.vestibule.sink.access.target.GrantKey;
import dev.vestibule.sink.access.target.ReadableSystem;
import dev.vestibule.sink.access.target.ReadableTargetContract;
import dev.vestibule.sink.access.target.TargetException;
import dev.vestibule.sink.access.target.TargetException.Kind;
import dev.vestibule.sink.access.target.TestCertificate;
import dev.vestibule.sink.access.target.http.Timeouts;
import dev.vestibule.sink.access.target.http.Turnstile;
import java.net.URI;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnifiTargetTest extends ReadableTargetContract {
  private final FakeConsole console = new FakeConsole(null);

  @Override
  protected ReadableSystem startReadable() {
    return new ReadableSystem() {
      @Override
      public FakeServer server() {
        return console;
      }

      @Override
      public AccessTarget connect(Timeouts timeouts) {
        return UnifiTargetTest.connect(console.address(), false, timeouts);
      }

      @Override
      public String zone(int n) {
        return FakeConsole.group(n);
      }

      @Override
      public List<Standing> standing(GrantKey key) {
        return console.standing(key);
      }

      @Override
      public void refuseUs() {
        console.expireToken();
      }

      @Override
      public boolean remembers(GrantKey key) {
        return console.remembers(key);
      }

      @Override
      public List<String> secrets() {
        return List.of(FakeConsole.TOKEN);
      }

      @Override
      public void addForeign() {
        for (int n = 0; n < 12; n++) {
          console.add("Adalind", "guest of the boss");
        }
        console.add("vk:" + KEY, "");
        console.add("Adalind", "see vk:" + KEY);
        console.add("Adalind", "vk:Not Ours");
        console.add("Adalind", "vkx:" + KEY);
      }

      @Override
      public String foreign() {
        return console.foreign();
      }
    };
  }

  private static AccessTarget connect(URI address, boolean allDoors, Timeouts timeouts) {
    return new UnifiTarget(
        settings(address.toString(), "vk", allDoors, timeouts),
        Turnstile.OPEN,
        InstantSource.fixed(NOW));
  }

  private static UnifiSettings settings(
      String address, String marker, boolean allDoors, Timeouts timeouts) {
    return new UnifiSettings(
        "vestibule.sinks.doors.",
        address,
        new Secret(FakeConsole.TOKEN),
        null,
        marker,
        allDoors,
        timeouts);
  }

  private Grant grant(String zone) {
    return new Grant(KEY, 1, NOW, END, END, Set.of(zone), NAME, EMAIL);
  }

  @ParameterizedTest
  @CsvSource({
    "CODE_SYSTEM_ERROR, AMBIGUOUS",
    "CODE_PARAMS_INVALID, REJECTED",
    "CODE_UNAUTHORIZED, AUTH",
    "CODE_OPERATION_FORBIDDEN, AUTH",
    "CODE_OTHERS_UID_ADOPTED_NOT_SUPPORTED, AUTH"
  })
  void aGoodStatusWithAnotherCodeIsNoSuccess(String code, Kind kind) {
    console.nextCode = code;

    assertThat(failure(() -> target.ensureGranted(grant(KEY, 1, END, 0))).kind()).isEqualTo(kind);
    assertThat(console.standing(KEY)).isEmpty();
  }

  @Test
  void twoVisitorsOfOneKeyAreBothRevoked() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0));
    console.duplicate(KEY);

    target.ensureRevoked(KEY, 2);

    assertThat(console.standing(KEY)).isEmpty();
  }

  @Test
  void theSecondVisitorOfOneKeyIsCancelledByTheNextGrant() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0, 1));
    console.duplicate(KEY);
    target.listManaged();

    target.ensureGranted(grant(KEY, 2, END, 1));

    assertThat(console.standing(KEY)).containsExactly(open(END, 1));
  }

  @Test
  void aGrantUnderANewNameAfterARestartIsNoSecondVisitor() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0));

    restarted()
        .ensureGranted(
            new Grant(KEY, 2, NOW, END, END, Set.of(FakeConsole.group(1)), "Somebody Else", null));

    assertThat(console.standing(KEY)).containsExactly(open(END, 1));
  }

  @Test
  void onceAllWereReadANewGrantAsksForItsNameOnly() throws Exception {
    target.listManaged();
    for (int n = 0; n < 30; n++) {
      console.add("Quentin", "");
    }
    console.forgetRequests();

    target.ensureGranted(grant(KEY, 1, END, 0));

    assertThat(console.requests())
        .filteredOn(request -> request.is("GET", ".*/visitors"))
        .singleElement()
        .extracting(request -> request.query().get("keyword"))
        .isEqualTo("Adalind");
  }

  @Test
  void anAmbiguousCreateIsLookedUpByNameAndRemarks() throws Exception {
    target.listManaged();
    console.add("Adalind", "");
    console.fail(new Fault.Hangup(true));
    failure(() -> target.ensureGranted(grant(KEY, 1, END, 0)));

    assertThat(target.ensureGranted(grant(KEY, 1, END, 0))).isEqualTo(Effect.ALREADY);
    assertThat(console.count("POST", ".*/visitors")).isEqualTo(1);
  }

  @Test
  void whatIsGoneAlreadyIsRevoked() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0));
    console.deletesBeforeUs = true;

    target.ensureRevoked(KEY, 2);

    assertThat(console.standing(KEY)).isEmpty();
  }

  @Test
  void aRevokeCancelsAndTakesCredentialsAway() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0));
    console.giveCredentials(KEY);

    restarted().ensureRevoked(KEY, 2);

    assertThat(console.only(KEY).path("status").asText()).isEqualTo("CANCELLED");
    assertThat(console.only(KEY).hasNonNull("pin_code")).isFalse();
    assertThat(console.only(KEY).path("nfc_cards")).isEmpty();
    assertThat(console.requests())
        .filteredOn(request -> !request.method().equals("GET"))
        .extracting(Request::line)
        .element(1)
        .asString()
        .matches("DELETE .*/visitors/visitor-[0-9]+");
  }

  @Test
  void singleDoorsComeBackAsAGroupMadeUpAndAreStillOneGrant() throws Exception {
    target.ensureGranted(grant(FakeConsole.door(0)));
    target.ensureGranted(grant(FakeConsole.door(0)));
    target.ensureGranted(grant(FakeConsole.door(1)));

    assertThat(console.standing(KEY))
        .containsExactly(new Standing(NOW, END, Set.of(FakeConsole.door(1))));
  }

  @Test
  void aZoneThatTheConsoleDoesNotHaveOpensNothing() {
    TargetException failure = failure(() -> target.ensureGranted(grant("group-9")));

    assertThat(failure.kind()).isEqualTo(Kind.REJECTED);
    assertThat(failure).hasMessageContaining("'group-9' is neither a door nor a door group");
    assertThat(console.standing(KEY)).isEmpty();
  }

  @Test
  void aVisitorThatMovedToAnotherPageIsNotMissed() throws Exception {
    for (int n = 0; n < 10; n++) {
      console.add("Quentin", "");
    }
    target.ensureGranted(grant(KEY, 1, END, 0));
    // The eleventh moves to the first page after that was read.
    console.afterNextPage = console::removeFirst;

    restarted().ensureRevoked(KEY, 2);

    assertThat(console.standing(KEY)).isEmpty();
  }

  @Test
  void nothingRecurringIsEverMadeAndEveryChangeNamesItsDoors() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0, 1));
    target.ensureGranted(grant(KEY, 2, END.plusSeconds(60), 0, 1));

    assertThat(console.requests())
        .filteredOn(request -> request.method().matches("POST|PUT"))
        .hasSize(2)
        .allSatisfy(request -> {
          assertThat(request.json().has("week_schedule")).isFalse();
          assertThat(request.json().path("resources")).hasSize(2);
          assertThat(request.json().path("end_time").asLong()).isPositive();
        });
  }

  @Test
  void aLockdownOfAllDoorsNeverEvacuatesAndIsReleasedOnlyByItsOwnCall() throws Exception {
    AccessTarget all = connect(console.address(), true, FakeSystem.PATIENT);

    assertThat(all.lockDown(Set.of("anything")).complete()).isTrue();
    all.ensureGranted(grant(KEY, 1, END, 0));
    all.ensureRevoked(KEY, 2);
    assertThat(console.emergency).hasToString("{\"lockdown\":true,\"evacuation\":false}");

    all.release(Set.of("anything"));
    assertThat(console.emergency).hasToString("{\"lockdown\":false,\"evacuation\":false}");
  }

  @Test
  void aLockdownOfSomeDoorsSaysWhichAreNotLocked() throws Exception {
    console.stuckDoors.add(FakeConsole.door(1));

    assertThat(
            target
                .lockDown(Set.of(FakeConsole.group(0), FakeConsole.group(1), FakeConsole.door(2)))
                .failed())
        .containsExactly(FakeConsole.door(1));
    assertThat(console.lockRules)
        .containsOnlyKeys(FakeConsole.door(0), FakeConsole.door(2))
        .containsValue("keep_lock");
    assertThat(console.emergency).isNull();

    console.stuckDoors.clear();
    assertThat(target.release(Set.of(FakeConsole.group(0))).complete()).isTrue();
    assertThat(console.lockRules).containsEntry(FakeConsole.door(0), "reset");
  }

  @Test
  void aLockdownThatLocksNothingFails() {
    console.stuckDoors.add(FakeConsole.door(1));

    assertThat(failure(() -> target.lockDown(Set.of(FakeConsole.door(1)))).kind())
        .isEqualTo(Kind.AMBIGUOUS);
    assertThat(failure(() -> target.lockDown(Set.of("door-9"))).kind()).isEqualTo(Kind.REJECTED);
  }

  @Test
  void aConsoleThatShowsAnotherCertificateIsNotTold() throws Exception {
    TestCertificate real = TestCertificate.of("dns:unifi.local");
    TestCertificate other = TestCertificate.of("ip:127.0.0.1");
    try (FakeConsole genuine = new FakeConsole(real.server(null));
        FakeConsole impostor = new FakeConsole(other.server(null));
        AccessTarget trusting = pinned(genuine, real);
        AccessTarget deceived = pinned(impostor, real)) {

      // The console signs for itself and names no host: its very certificate is what is known.
      trusting.ensureGranted(grant(KEY, 1, END, 0));
      assertThat(genuine.standing(KEY)).containsExactly(open(END, 0));

      TargetException failure = failure(() -> deceived.ensureGranted(grant(KEY, 1, END, 0)));
      assertThat(failure.kind()).isEqualTo(Kind.AUTH);
      assertThat(failure).hasMessageContaining("certificate that does not fit");
      assertThat(impostor.requests()).isEmpty();
    }
  }

  private static AccessTarget pinned(FakeConsole server, TestCertificate certificate) {
    return new UnifiTarget(
        new UnifiSettings(
            "doors.",
            server.address().toString(),
            new Secret(FakeConsole.TOKEN),
            certificate.certificate("doors.trust"),
            "vk",
            false,
            FakeSystem.PATIENT),
        Turnstile.OPEN,
        InstantSource.fixed(NOW));
  }

  @Test
  void settingsThatCannotBeRightAreRefused() {
    assertThatThrownBy(() -> settings("http://192.0.2.7:12445", "vk", false, FakeSystem.PATIENT))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith(
            "vestibule.sinks.doors.url: 'http://192.0.2.7:12445' is no address");
    assertThatThrownBy(() -> settings("https://192.0.2.7:12445", "V K", false, FakeSystem.PATIENT))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("vestibule.sinks.doors.marker: 'V K' is no marker");
  }

  @Test
  void cardsAreRefused() {
    assertThat(failure(() -> target.assignCard(KEY, "0123")).kind()).isEqualTo(Kind.REJECTED);
    assertThat(failure(() -> target.returnCard(KEY, "0123")).kind()).isEqualTo(Kind.REJECTED);
  }
}
