package dev.vestibule.sink.access.target.gallagher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vestibule.config.ConfigException;
import dev.vestibule.config.Secret;
import dev.vestibule.events.EventType;
import dev.vestibule.sink.access.AccessMachine;
import dev.vestibule.sink.access.DoorKeeper;
import dev.vestibule.sink.access.Facts;
import dev.vestibule.sink.access.MemoryStates;
import dev.vestibule.sink.access.Reconciliation;
import dev.vestibule.sink.access.Report;
import dev.vestibule.sink.access.Rules;
import dev.vestibule.sink.access.RulesFile;
import dev.vestibule.sink.access.target.AccessTarget;
import dev.vestibule.sink.access.target.AccessTarget.Capability;
import dev.vestibule.sink.access.target.CardNumber;
import dev.vestibule.sink.access.target.Effect;
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
import dev.vestibule.sink.access.target.TestCertificate;
import dev.vestibule.sink.access.target.http.Timeouts;
import dev.vestibule.sink.access.target.http.Turnstile;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class GallagherTargetTest extends ReadableTargetContract {
  private static final String CARD = "00471100815";

  private final FakeCommandCentre centre = new FakeCommandCentre(null);

  @Override
  protected ReadableSystem startReadable() {
    return new ReadableSystem() {
      @Override
      public FakeServer server() {
        return centre;
      }

      @Override
      public AccessTarget connect(Timeouts timeouts) {
        return new GallagherTarget(
            settings(centre.address().toString(), "/api/divisions/2", "345", timeouts),
            Turnstile.OPEN,
            InstantSource.fixed(NOW));
      }

      @Override
      public String zone(int n) {
        return Integer.toString(350 + n);
      }

      @Override
      public List<Standing> standing(GrantKey key) {
        return centre.standing(key);
      }

      @Override
      public void refuseUs() {
        centre.revokeApiKey();
      }

      @Override
      public boolean remembers(GrantKey key) {
        return centre.remembers(key);
      }

      @Override
      public List<String> secrets() {
        return List.of(FakeCommandCentre.API_KEY);
      }

      @Override
      public void addForeign() {
        for (int n = 0; n < 12; n++) {
          centre.addForeign("colleague " + n, null);
        }
        centre.addForeign(NAME, "x-vk-" + KEY);
        centre.addForeign("vk-" + KEY, "another vk-field");
        centre.addForeign(NAME, "vk-Not Ours");
      }

      @Override
      public String foreign() {
        return centre.foreign();
      }
    };
  }

  private static GallagherSettings settings(
      String address, String division, String field, Timeouts timeouts) {
    return settings(address, division, field, null, null, timeouts);
  }

  private static GallagherSettings settings(
      String address,
      String division,
      String field,
      @Nullable TestCertificate server,
      @Nullable TestCertificate client,
      Timeouts timeouts) {
    String prefix = "vestibule.sinks.doors.";
    return new GallagherSettings(
        prefix,
        address,
        new Secret(FakeCommandCentre.API_KEY),
        server == null ? null : server.certificate(prefix + "trust"),
        client == null ? null : client.certificate(prefix + "certificate"),
        client == null ? null : client.privateKey(prefix + "certificate-key"),
        division,
        field,
        "visitKey",
        "900",
        "/api/card_types/354",
        "vk",
        timeouts);
  }

  @Test
  void membershipsThatAreThereTwiceAreAllRevoked() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0, 1));
    centre.duplicateMemberships(KEY);

    target.ensureRevoked(KEY, 2);

    assertThat(centre.memberships(KEY)).isEmpty();
    assertThat(centre.only(KEY).path("authorised").asBoolean()).isFalse();
    assertThat(centre.only(KEY).path("accessGroups")).as("only the group of the key").hasSize(2);
  }

  @Test
  void membershipsThatAreThereTwiceAreOneAfterTheNextGrant() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0));
    centre.duplicateMemberships(KEY);

    target.ensureGranted(grant(KEY, 1, END, 0));

    assertThat(centre.memberships(KEY)).hasSize(1);
  }

  @Test
  void aCardholderMadeTwiceOpensOnceAndIsRevokedWhole() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0));
    centre.duplicateHolder(KEY);
    target.ensureGranted(grant(KEY, 2, END, 1));
    assertThat(centre.standing(KEY)).containsExactly(open(END, 1));

    centre.duplicateHolder(KEY);
    target.ensureRevoked(KEY, 3);
    assertThat(centre.memberships(KEY)).isEmpty();
  }

  @Test
  void aMembershipThatChangedMeanwhileIsReadAgain() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0));
    centre.beforeNextPatch = () -> centre.touchMemberships(KEY);
    target.ensureGranted(grant(KEY, 2, END.plusSeconds(60), 0));
    assertThat(centre.standing(KEY)).containsExactly(open(END.plusSeconds(60), 0));

    centre.beforeNextPatch = () -> centre.touchMemberships(KEY);
    target.ensureRevoked(KEY, 3);
    assertThat(centre.memberships(KEY)).isEmpty();
  }

  @Test
  void aMembershipThatNeverHoldsStillIsLeftForLater() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0));
    centre.beforeNextPatch = this::touchAgain;

    assertThat(failure(() -> target.ensureRevoked(KEY, 2)).kind()).isIn(Kind.RETRY, Kind.REJECTED);
    assertThat(centre.memberships(KEY)).isNotEmpty();
  }

  private void touchAgain() {
    centre.touchMemberships(KEY);
    centre.beforeNextPatch = this::touchAgain;
  }

  @Test
  void aCardholderLockedByAnotherOperatorIsTriedAgain() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0));
    centre.fail(Fault.Status.of(409));

    TargetException failure = failure(() -> target.ensureRevoked(KEY, 2));

    assertThat(failure.kind()).isEqualTo(Kind.RETRY);
    assertThat(failure).hasMessageContaining("locked by another operator");
  }

  @Test
  void everyMembershipThatIsSentEnds() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0, 1));
    target.ensureGranted(grant(KEY, 2, END.plusSeconds(60), 1, 2));

    assertThat(centre.requests())
        .filteredOn(request -> request.method().matches("POST|PATCH"))
        .hasSize(2)
        .flatExtracting(request -> request.json().findParents("from"))
        .isNotEmpty()
        .allMatch(membership -> membership.path("until").asText().endsWith("Z"));
  }

  @Test
  void aMembershipWithoutAnEndIsShownSoAndGivenOne() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0));
    centre.unendMemberships(KEY);
    assertThat(target.find(KEY).orElseThrow().validUntil()).isNull();

    target.ensureGranted(grant(KEY, 1, END, 0));

    assertThat(centre.standing(KEY)).containsExactly(open(END, 0));
  }

  @Test
  void aCardholderWhoDoesNotKeepOurKeyDoesNotStay() {
    centre.keyGroupCarriesTheField = false;

    TargetException failure = failure(() -> target.ensureGranted(grant(KEY, 1, END, 0)));

    assertThat(failure.kind()).isEqualTo(Kind.REJECTED);
    assertThat(failure).hasMessageContaining("add it to group '900'");
    assertThat(centre.holders()).isZero();
  }

  @Test
  void aSearchThatReturnsSomebodyElseTouchesNobody() {
    centre.addForeign("colleague", null);
    String before = centre.foreign();
    centre.searchIgnoresTheField = true;

    assertThat(failure(() -> target.ensureRevoked(KEY, 1)).kind()).isEqualTo(Kind.AUTH);
    assertThat(failure(() -> target.erase(KEY)).kind()).isEqualTo(Kind.AUTH);
    assertThat(failure(() -> target.ensureGranted(grant(KEY, 1, END, 0))))
        .hasMessageContaining("check key-field-id");
    assertThat(centre.foreign()).isEqualTo(before);
  }

  @Test
  void hrefsAreFollowedWithTheirParametersAndToNoOtherHost() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0));
    target.ensureRevoked(KEY, 2);

    assertThat(centre.requests()).first().extracting(Request::line).isEqualTo("GET /api");
    assertThat(centre.requests())
        .filteredOn(request -> request.path().equals("/api/cardholders"))
        .isNotEmpty()
        .allMatch(request -> "api".equals(request.query().get("src")));
    assertThat(centre.requests())
        .filteredOn(request -> request.query().containsKey("pdf_345"))
        .first()
        .extracting(request -> request.query().get("pdf_345"))
        .isEqualTo("\"vk-" + KEY + "\"");
  }

  @Test
  void aChangeIsOneCall() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0, 1));
    centre.forgetRequests();

    target.ensureGranted(grant(KEY, 2, END.plusSeconds(60), 1, 2));

    assertThat(centre.requests()).filteredOn(r -> !r.method().equals("GET")).hasSize(1);
  }

  @Test
  void anAbsentCardholderMayBeCalledForbidden() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0));
    centre.absentIsForbidden = true;

    assertThat(target.erase(KEY)).isEqualTo(Effect.DONE);
    assertThat(centre.remembers(KEY)).isFalse();
  }

  @Test
  void aZoneThatTheServerDoesNotHaveOpensNothing() {
    TargetException failure =
        failure(() ->
            target.ensureGranted(new Grant(KEY, 1, NOW, END, END, Set.of("399"), NAME, null)));

    assertThat(failure.kind()).isEqualTo(Kind.REJECTED);
    assertThat(failure).hasMessageContaining("zone '399' is no access group that we can see");
    assertThat(centre.holders()).isZero();
  }

  @Test
  void aLongNameIsCut() throws Exception {
    String longest = "Q".repeat(60) + " " + "z".repeat(60);
    target.ensureGranted(new Grant(KEY, 1, NOW, END, END, Set.of("350"), longest, null));

    assertThat(centre.only(KEY).path("firstName").asText()).hasSize(50);
    assertThat(centre.only(KEY).path("lastName").asText()).hasSize(50);
  }

  @Test
  void aLockdownOfZonesSaysWhichAreNotLockedAndEndsByItsOwnCall() throws Exception {
    centre.stuckZones.add("332");

    assertThat(target.lockDown(Set.of("331", "332", "333")).failed()).containsExactly("332");
    target.ensureRevoked(KEY, 1);
    assertThat(centre.commands).containsExactlyInAnyOrder("331 lock_down", "333 lock_down");

    assertThat(target.release(Set.of("331")).complete()).isTrue();
    assertThat(centre.commands).last().isEqualTo("331 cancel_lock_down");
    assertThat(failure(() -> target.lockDown(Set.of("332"))).kind()).isEqualTo(Kind.RETRY);
    assertThat(failure(() -> target.lockDown(Set.of("399"))).kind()).isEqualTo(Kind.REJECTED);
  }

  @Test
  void whatIsNotLicensedCallsAPerson() {
    centre.zonesLicensed = false;

    TargetException failure = failure(() -> target.lockDown(Set.of("331")));

    assertThat(failure.kind()).isEqualTo(Kind.AUTH);
    assertThat(failure).hasMessageContaining("'accessZones' is not offered; check the licence");
  }

  @Test
  void aCardEndsWithTheGrantAndIsTakenBack() throws Exception {
    assertThat(target.capabilities()).contains(Capability.TAKES_CARDS);
    assertThat(failure(() -> target.assignCard(KEY, CARD)).kind()).isEqualTo(Kind.REJECTED);
    target.ensureGranted(grant(KEY, 1, END, 0));

    assertThat(target.assignCard(KEY, CARD)).isEqualTo(Effect.DONE);
    assertThat(target.assignCard(KEY, CARD)).isEqualTo(Effect.ALREADY);
    JsonNode card = centre.only(KEY).path("cards").path(0);
    assertThat(card.path("number").asText()).isEqualTo(CARD);
    assertThat(card.path("until").asText()).isEqualTo(END.toString());

    target.ensureGranted(grant(KEY, 2, END.plusSeconds(60), 0));
    assertThat(target.assignCard(KEY, CARD)).isEqualTo(Effect.DONE);
    assertThat(centre.only(KEY).path("cards").path(0).path("until").asText())
        .isEqualTo(END.plusSeconds(60).toString());

    assertThat(target.returnCard(KEY, CARD)).isEqualTo(Effect.DONE);
    assertThat(target.returnCard(KEY, CARD)).isEqualTo(Effect.ALREADY);
    assertThat(centre.only(KEY).path("cards")).isEmpty();
  }

  @Test
  void aRevokeTakesTheCardsToo() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0));
    target.assignCard(KEY, CARD);
    assertThat(target.find(KEY).orElseThrow().cards()).containsExactly(new CardNumber(CARD));

    target.ensureRevoked(KEY, 2);

    assertThat(centre.only(KEY).path("cards")).isEmpty();
    assertThat(target.find(KEY).orElseThrow().cards()).isEmpty();
  }

  @Test
  void theCardOfAVisitComesAndGoesWithItsFacts() throws Exception {
    Rules rules =
        new RulesFile(List.of("lobby"), List.of(Facts.TARGET))
            .parse(
                """
                sites:
                  - { source: lobby, site: hq, target: doors, zones: ["351"],
                      from: signed-in, until: signed-in + 8h }
                credentials:
                  - { source: lobby, site: hq, target: doors, kinds: [card] }
                """);
    rules.check(Facts.TARGET, target.capabilities());
    MemoryStates states = new MemoryStates();
    List<Report> reports = new ArrayList<>();
    DoorKeeper keeper =
        new DoorKeeper(
            new AccessMachine(rules, Facts.TARGET, Set.of(), true, true),
            rules,
            Facts.TARGET,
            target,
            Facts.KEYS,
            states,
            () -> Facts.at(1),
            (_, report) -> reports.add(report),
            Facts.CREDENTIAL_KEY);
    GrantKey key = Facts.KEYS.of(Facts.VISIT);
    keeper.take(Facts.VISIT, Facts.fact("in", EventType.SIGNED_IN, 0));
    keeper.take(Facts.VISIT, Facts.fact(Facts.card("card", "c", "assigned", CARD, 0)));
    assertThat(keeper.drive(Facts.VISIT)).isEqualTo(new DoorKeeper.Outcome.Settled());
    assertThat(centre.only(key).path("cards").path(0).path("number").asText()).isEqualTo(CARD);
    assertThat(compared(states).findings()).isEmpty();

    target.returnCard(key, CARD);
    assertThat(compared(states).findings())
        .extracting(Reconciliation.Finding::kind)
        .containsExactly(Reconciliation.Kind.CARD_MISSING);
    target.assignCard(key, "another");
    assertThat(compared(states).findings())
        .extracting(Reconciliation.Finding::kind)
        .containsExactly(Reconciliation.Kind.CARD_STRAY, Reconciliation.Kind.CARD_MISSING);

    keeper.take(Facts.VISIT, Facts.fact(Facts.card("back", "c", "returned", CARD, 1)));
    keeper.take(Facts.VISIT, Facts.fact("out", EventType.SIGNED_OUT, 1));
    assertThat(keeper.drive(Facts.VISIT)).isEqualTo(new DoorKeeper.Outcome.Settled());
    assertThat(centre.only(key).path("cards")).isEmpty();
    assertThat(reports).isEmpty();
  }

  private Reconciliation compared(MemoryStates states) throws Exception {
    return Reconciliation.of(
        target.listManaged(),
        Map.of(Facts.VISIT, states.read(Facts.VISIT)),
        Facts.KEYS,
        Facts.at(1));
  }

  @Test
  void aServerIsKnownByItsCertificateAndKnowsUsByOurs() throws Exception {
    TestCertificate server = TestCertificate.of("ip:127.0.0.1");
    TestCertificate client = TestCertificate.of("dns:elsewhere.example");
    try (FakeCommandCentre guarded = new FakeCommandCentre(server.server(client));
        AccessTarget known = connect(guarded, server, client);
        AccessTarget unknown = connect(guarded, server, server);
        AccessTarget deceived = connect(guarded, client, client)) {
      known.ensureGranted(grant(KEY, 1, END, 0));
      assertThat(guarded.standing(KEY)).containsExactly(open(END, 0));
      guarded.forgetRequests();

      TargetException refused = failure(() -> unknown.ensureRevoked(KEY, 2));
      // With TLS 1.3 the end of the connection may overtake the server's word why.
      for (int again = 0; refused.kind() == Kind.RETRY && again < 20; again++) {
        refused = failure(() -> unknown.ensureRevoked(KEY, 2));
      }
      assertThat(refused.kind()).isEqualTo(Kind.AUTH);
      assertThat(refused).hasMessageContaining("certificate that does not fit");
      assertThat(failure(() -> deceived.ensureRevoked(KEY, 2)).kind()).isEqualTo(Kind.AUTH);
      assertThat(guarded.requests()).isEmpty();
    }
  }

  private static AccessTarget connect(
      FakeCommandCentre to, TestCertificate server, TestCertificate client) {
    return new GallagherTarget(
        settings(
            to.address().toString(), "/api/divisions/2", "345", server, client, FakeSystem.PATIENT),
        Turnstile.OPEN,
        InstantSource.fixed(NOW));
  }

  @Test
  void settingsThatCannotBeRightAreRefused() {
    assertThatThrownBy(() -> settings("https://192.0.2.9:8904", "2", "345", FakeSystem.PATIENT))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("vestibule.sinks.doors.division: '2' is no path of an href");
    assertThatThrownBy(
            () -> settings("https://192.0.2.9:8904", "/api/divisions/2", "key", FakeSystem.PATIENT))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("vestibule.sinks.doors.key-field-id: 'key' is no number");
  }
}
