package dev.vestibule.sink.access.target.brivo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vestibule.config.ConfigException;
import dev.vestibule.config.Secret;
import dev.vestibule.sink.access.target.AccessTarget;
import dev.vestibule.sink.access.target.FakeServer;
import dev.vestibule.sink.access.target.FakeServer.Reply;
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
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class BrivoTargetTest extends ReadableTargetContract {
  private final AtomicReference<Instant> now = new AtomicReference<>(NOW);
  private final FakeBrivo brivo = new FakeBrivo();

  @Override
  protected ReadableSystem startReadable() {
    return new ReadableSystem() {
      @Override
      public FakeServer server() {
        return brivo;
      }

      @Override
      public AccessTarget connect(Timeouts timeouts) {
        return target(new Secret(FakeBrivo.API_KEY), timeouts);
      }

      @Override
      public String zone(int n) {
        return Integer.toString(76_123 + n);
      }

      @Override
      public List<Standing> standing(GrantKey key) {
        return brivo.standing(key);
      }

      @Override
      public void refuseUs() {
        brivo.refuseUs();
      }

      @Override
      public boolean remembers(GrantKey key) {
        return brivo.user(key) != null;
      }

      @Override
      public List<String> secrets() {
        return List.of(FakeBrivo.CLIENT_SECRET, FakeBrivo.API_KEY, FakeBrivo.PASSWORD, "t0k3n");
      }

      @Override
      public void addForeign() {
        for (int n = 0; n < 12; n++) {
          brivo.addForeign("employee-" + n);
        }
        brivo.addForeign(KEY.value());
        brivo.addForeign("vk-Not_Ours");
        brivo.addForeign("vkx-" + KEY);
      }

      @Override
      public String foreign() {
        return brivo.foreign();
      }
    };
  }

  private AccessTarget target(Secret apiKey, Timeouts timeouts) {
    return new BrivoTarget(
        settings(
            brivo.address() + "/v1/api",
            "client",
            apiKey,
            new BrivoLogin.Password("ops", new Secret(FakeBrivo.PASSWORD)),
            timeouts),
        Turnstile.OPEN,
        now::get);
  }

  private BrivoSettings settings(
      String address, String clientId, Secret apiKey, BrivoLogin login, Timeouts timeouts) {
    return new BrivoSettings(
        "vestibule.sinks.doors.",
        brivo.address().toString(),
        address,
        clientId,
        new Secret(FakeBrivo.CLIENT_SECRET),
        apiKey,
        login,
        "vk",
        timeouts);
  }

  @Test
  void aTokenIsRefreshedAheadOfItsEnd() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0));
    now.set(NOW.plusSeconds(239));
    target.find(KEY);
    assertThat(brivo.tokens()).isEqualTo(1);

    now.set(NOW.plusSeconds(240));
    target.find(KEY);

    assertThat(brivo.tokens()).isEqualTo(2);
    assertThat(tokenRequests().getLast()).startsWith("grant_type=refresh_token&");
  }

  @Test
  void aTokenThatIsRefusedIsReplacedOnce() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0));
    brivo.endTokens();

    target.ensureRevoked(KEY, 2);

    assertThat(brivo.standing(KEY)).isEmpty();
    assertThat(brivo.tokens()).isEqualTo(2);
  }

  @Test
  void aNewTokenThatIsRefusedTooCallsAPerson() {
    brivo.everyTokenRefused = true;

    TargetException failure = failure(() -> target.ensureGranted(grant(KEY, 1, END, 0)));

    assertThat(failure.kind()).isEqualTo(Kind.AUTH);
    assertThat(failure).hasMessageContaining("refused with a new token");
    assertThat(brivo.tokens()).isEqualTo(2);
    assertThat(brivo.count("GET", ".*/external")).isEqualTo(2);
  }

  @Test
  void manyWhoNeedATokenFetchOne() throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      for (int n = 0; n < 12; n++) {
        GrantKey key = new GrantKey("many-" + n);
        running.add(threads.submit(() -> target.ensureGranted(grant(key, 1, END, 0))));
      }
      for (Future<?> one : running) {
        one.get();
      }
      assertThat(brivo.tokens()).isEqualTo(1);

      brivo.endTokens();
      running.clear();
      for (int n = 0; n < 12; n++) {
        GrantKey key = new GrantKey("many-" + n);
        running.add(threads.submit(() -> target.ensureRevoked(key, 2)));
      }
      for (Future<?> one : running) {
        one.get();
      }
    }
    assertThat(brivo.tokens()).isEqualTo(2);
  }

  @Test
  void aSpentRefreshTokenGivesWayToThePassword() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0));
    brivo.refreshRefused = true;
    brivo.endTokens();

    target.ensureRevoked(KEY, 2);

    assertThat(brivo.standing(KEY)).isEmpty();
    assertThat(tokenRequests())
        .extracting(form -> form.substring(0, form.indexOf('&')))
        .containsExactly("grant_type=password", "grant_type=refresh_token", "grant_type=password");
  }

  @Test
  void aLoginThatIsRefusedIsNotTriedAgainAtOnce() throws Exception {
    brivo.loginRefused = true;
    for (int n = 0; n < 5; n++) {
      assertThat(failure(() -> target.ensureRevoked(KEY, 1)).kind()).isEqualTo(Kind.AUTH);
    }
    assertThat(tokenRequests()).hasSize(1);

    brivo.loginRefused = false;
    now.set(NOW.plus(Duration.ofSeconds(10)));
    target.ensureRevoked(KEY, 1);
    assertThat(tokenRequests()).hasSize(2);
  }

  @Test
  void aTokenServerThatIsDownIsTriedAgain() throws Exception {
    brivo.strike(request -> request.path().equals("/oauth/token"));
    brivo.fail(new Fault.Hangup(false), Fault.Status.of(500));

    assertThat(failure(() -> target.ensureGranted(grant(KEY, 1, END, 0))).kind())
        .isEqualTo(Kind.RETRY);
    assertThat(failure(() -> target.ensureGranted(grant(KEY, 1, END, 0))).kind())
        .isEqualTo(Kind.RETRY);
    target.ensureGranted(grant(KEY, 1, END, 0));
  }

  private List<String> tokenRequests() {
    return brivo.requests().stream()
        .filter(request -> request.path().equals("/oauth/token"))
        .map(request -> new String(request.body(), StandardCharsets.UTF_8))
        .toList();
  }

  @Test
  void everyCredentialEndsWithTheGrant() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0));
    brivo.assignCredential(KEY, false);
    brivo.assignCredential(KEY, true);
    assertThat(target.find(KEY).orElseThrow().validUntil()).as("left open").isNull();

    target.ensureGranted(grant(KEY, 1, END, 0));

    assertThat(brivo.credentialsOf(KEY))
        .hasSize(2)
        .allMatch(c -> c.path("effectiveTo").asText().equals(END.toString()))
        .allMatch(c -> c.path("effectiveFrom").asText().equals(NOW.toString()));
    assertThat(target.find(KEY).orElseThrow().validUntil()).isEqualTo(END);
  }

  @Test
  void aRevokeSuspendsFirstAndTakesFacesToo() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0, 1));
    brivo.assignCredential(KEY, false);
    brivo.assignCredential(KEY, true);
    brivo.forgetRequests();

    target.ensureRevoked(KEY, 2);

    assertThat(brivo.credentialsOf(KEY)).isEmpty();
    assertThat(brivo.groupsOf(KEY)).isEmpty();
    assertThat(brivo.requests().stream().filter(brivo::changes).map(Request::line))
        .map(line -> line.replaceAll("\\d{3,}", "n"))
        .containsExactly(
            "PUT /v1/api/users/n/suspended",
            "POST /v1/api/users/n/revoke-credentials",
            "DELETE /v1/api/users/n/credentials/n",
            "POST /v1/api/users/n/groups");
  }

  @Test
  void whatSomebodyGaveASuspendedUserIsTakenAway() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0));
    target.ensureRevoked(KEY, 2);
    brivo.assignCredential(KEY, false);

    target.ensureRevoked(KEY, 2);

    assertThat(brivo.credentialsOf(KEY)).isEmpty();
  }

  @Test
  void aUserIsNeverReplacedWhole() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0));
    target.ensureGranted(grant(KEY, 2, END.plusSeconds(60), 0));

    assertThat(Objects.requireNonNull(brivo.user(KEY)).path("externalId").asText())
        .isEqualTo("vk-" + KEY);
    assertThat(brivo.count("PATCH", ".*/users/\\d+")).isEqualTo(1);
    assertThat(brivo.count("PUT", ".*/users/\\d+")).isZero();
  }

  @Test
  void whoWasSuspendedIsLetInLast() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0));
    target.ensureRevoked(KEY, 2);
    brivo.forgetRequests();

    target.ensureGranted(grant(KEY, 3, END.plusSeconds(60), 1));

    assertThat(brivo.requests().stream().filter(brivo::changes).map(Request::line))
        .last()
        .asString()
        .endsWith("/suspended");
    assertThat(brivo.standing(KEY)).containsExactly(open(END.plusSeconds(60), 1));
  }

  @Test
  void aCreateThatIsRefusedAsTakenIsLookedUp() throws Exception {
    brivo.strike(request -> request.is("GET", ".*/external"));
    brivo.fail(Fault.Status.of(404));
    target.ensureGranted(grant(KEY, 1, END, 0));
    brivo.heal();
    // Once more, and the first look misses what is there.
    brivo.strike(request -> request.is("GET", ".*/external"));
    brivo.fail(Fault.Status.of(404));

    target.ensureGranted(grant(KEY, 2, END, 1));

    assertThat(brivo.count("POST", ".*/users")).isEqualTo(2);
    assertThat(brivo.standing(KEY)).containsExactly(open(END, 1));
  }

  @Test
  void aCreateThatIsRefusedForAnythingElseIsRejected() {
    brivo.fail(Fault.Status.of(400));

    assertThat(failure(() -> target.ensureGranted(grant(KEY, 1, END, 0))).kind())
        .isEqualTo(Kind.REJECTED);
  }

  @Test
  void moreGroupsThanAUserCanHaveAreRefusedBeforeAnythingIsDone() {
    Set<String> many =
        LongStream.range(76_120, 76_137).mapToObj(Long::toString).collect(Collectors.toSet());

    TargetException failure =
        failure(() -> target.ensureGranted(new Grant(KEY, 1, NOW, END, END, many, NAME, null)));

    assertThat(failure.kind()).isEqualTo(Kind.REJECTED);
    assertThat(failure).hasMessageContaining("the rule names 17");
    assertThat(brivo.requests()).isEmpty();
  }

  @Test
  void aQuotaSaidAs403IsWaitedForAndAnyOther403CallsAPerson() {
    brivo.forbidden =
        new Reply(
            403,
            Map.of("X-Mashery-Error-Code", "ERR_403_DEVELOPER_OVER_QPS", "Retry-After", "2"),
            new byte[0]);
    TargetException quota = failure(() -> target.ensureRevoked(KEY, 1));
    assertThat(quota.kind()).isEqualTo(Kind.RETRY);
    assertThat(quota.retryAfter()).hasSeconds(2);

    brivo.forbidden =
        new Reply(403, Map.of("X-Mashery-Error-Code", "ERR_403_NOT_AUTHORIZED"), new byte[0]);
    assertThat(failure(() -> target.ensureRevoked(KEY, 1)).kind()).isEqualTo(Kind.AUTH);
  }

  @Test
  void aBadApiKeyCallsAPerson() {
    AccessTarget inactive = target(new Secret("another"), FakeSystem.PATIENT);

    assertThat(failure(() -> inactive.ensureRevoked(KEY, 1)).kind()).isEqualTo(Kind.AUTH);
  }

  @Test
  void aPathThatBrivoDoesNotKnowIsRejected() {
    brivo.fail(Fault.Status.of(596));

    assertThat(failure(() -> target.ensureGranted(grant(KEY, 1, END, 0))).kind())
        .isEqualTo(Kind.REJECTED);
  }

  @Test
  void aLockdownWithAGoodStatusMayHaveFailedInPart() throws Exception {
    brivo.failures.put("didAllFail", false);
    brivo.failures.put("devicesThatDidFail", List.of(Map.of("id", 31), Map.of("id", 32)));

    assertThat(target.lockDown(Set.of("default")).failed()).containsExactlyInAnyOrder("31", "32");
    assertThat(brivo.scenarios).containsExactly("/default-lockdown/initiate");
  }

  @Test
  void aLockdownThatFailedWhollySaysSo() throws Exception {
    brivo.failures.put("didAllFail", true);

    assertThat(target.lockDown(Set.of("12")).failed()).containsExactly("12");
    assertThat(brivo.scenarios).containsExactly("/lockdown/12/initiate");
  }

  @Test
  void aLockdownIsReleasedByItsOwnCallAndNeverWithAnEvacuation() throws Exception {
    assertThat(target.lockDown(Set.of("default", "12")).complete()).isTrue();
    target.ensureRevoked(KEY, 1);
    assertThat(brivo.scenarios).noneMatch(scenario -> scenario.endsWith("clear"));

    target.release(Set.of("default"));
    assertThat(brivo.scenarios).last().isEqualTo("/default-lockdown/clear");
    assertThat(brivo.scenarios).noneMatch(scenario -> scenario.contains("clear-all"));
    assertThat(failure(() -> target.release(Set.of("clear-all"))).kind()).isEqualTo(Kind.REJECTED);
  }

  @Test
  void cardsAreRefused() {
    assertThat(failure(() -> target.assignCard(KEY, "1")).kind()).isEqualTo(Kind.REJECTED);
    assertThat(failure(() -> target.returnCard(KEY, "1")).kind()).isEqualTo(Kind.REJECTED);
  }

  @Test
  void aRefreshTokenAloneIsEnough() throws Exception {
    target.find(KEY);
    AccessTarget consented =
        new BrivoTarget(
            settings(
                brivo.address() + "/v1/api",
                "client",
                new Secret(FakeBrivo.API_KEY),
                new BrivoLogin.RefreshToken(new Secret("refresh-t0k3n-1")),
                FakeSystem.PATIENT),
            Turnstile.OPEN,
            InstantSource.fixed(NOW));

    consented.ensureGranted(grant(KEY, 1, END, 0));
    brivo.endTokens();
    consented.ensureRevoked(KEY, 2);

    assertThat(brivo.standing(KEY)).isEmpty();
    assertThat(tokenRequests()).last().asString().endsWith("refresh-t0k3n-2");
  }

  @Test
  void settingsThatCannotBeRightAreRefused() {
    BrivoLogin login = new BrivoLogin.Password("ops", new Secret("x"));
    assertThatThrownBy(
            () -> settings("api.brivo.com", "client", new Secret("x"), login, FakeSystem.PATIENT))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("vestibule.sinks.doors.url: 'api.brivo.com' is no address");
    assertThatThrownBy(() ->
            settings("https://api.brivo.com", " ", new Secret("x"), login, FakeSystem.PATIENT))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("vestibule.sinks.doors.client-id: '' is empty");
  }
}
