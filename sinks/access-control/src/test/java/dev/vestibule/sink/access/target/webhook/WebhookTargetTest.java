package dev.vestibule.sink.access.target.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vestibule.config.ConfigException;
import dev.vestibule.config.Secret;
import dev.vestibule.sink.access.target.AccessTarget;
import dev.vestibule.sink.access.target.AccessTarget.Capability;
import dev.vestibule.sink.access.target.FakeServer;
import dev.vestibule.sink.access.target.FakeSystem;
import dev.vestibule.sink.access.target.Fault;
import dev.vestibule.sink.access.target.Grant;
import dev.vestibule.sink.access.target.GrantKey;
import dev.vestibule.sink.access.target.TargetContract;
import dev.vestibule.sink.access.target.TargetException;
import dev.vestibule.sink.access.target.TargetException.Kind;
import dev.vestibule.sink.access.target.TestCertificate;
import dev.vestibule.sink.access.target.http.Timeouts;
import dev.vestibule.sink.access.target.http.Trust.Pem;
import dev.vestibule.sink.access.target.http.Turnstile;
import java.net.InetAddress;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WebhookTargetTest extends TargetContract {
  private static final String HMAC = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
  private static final String PRIVATE = "whsk_nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";

  private final TestCertificate certificate = TestCertificate.of("ip:127.0.0.1");
  private final FakeReceiver receiver =
      new FakeReceiver(certificate.server(null), List.of(HMAC), InstantSource.fixed(NOW));

  WebhookTargetTest() throws Exception {}

  @Override
  protected FakeSystem start() {
    return new FakeSystem() {
      @Override
      public FakeServer server() {
        return receiver;
      }

      @Override
      public AccessTarget connect(Timeouts timeouts) {
        return target(Set.of("127.0.0.1"), timeouts);
      }

      @Override
      public String zone(int n) {
        return "zone-" + n;
      }

      @Override
      public List<Standing> standing(GrantKey key) {
        return receiver.standing(key);
      }

      @Override
      public void refuseUs() {
        receiver.leave();
      }

      @Override
      public boolean remembers(GrantKey key) {
        return receiver.remembers(key);
      }

      @Override
      public List<String> secrets() {
        return List.of(HMAC.substring("whsec_".length()), PRIVATE.substring("whsk_".length()));
      }
    };
  }

  /** A connection that is closed under TLS takes its time. */
  @Override
  protected int schedules() {
    return 4;
  }

  private AccessTarget target(Set<String> allowed, Timeouts timeouts) {
    return new WebhookTarget(
        settings(receiver.address() + "/hook", allowed, certificate.certificate("trust"), timeouts),
        Turnstile.OPEN,
        InstantSource.fixed(NOW));
  }

  private static WebhookSettings settings(
      String url, Set<String> allowed, @Nullable Pem trust, Timeouts timeouts) {
    return new WebhookSettings(
        "vestibule.sinks.doors.",
        url,
        List.of(new Secret(HMAC), new Secret(PRIVATE)),
        allowed,
        trust,
        timeouts);
  }

  @Test
  void everyAttemptOfOneEventCarriesTheSameId() throws Exception {
    receiver.fail(new Fault.Hangup(true), Fault.Status.of(500));
    for (int attempt = 0; attempt < 2; attempt++) {
      failure(() -> target.ensureGranted(grant(KEY, 7, END, 0)));
    }
    target.ensureGranted(grant(KEY, 7, END, 0));
    target.ensureGranted(grant(KEY, 8, END, 0));
    target.ensureRevoked(KEY, 9);

    List<String> ids =
        receiver.requests().stream().map(r -> r.headers().getFirst("webhook-id")).toList();
    assertThat(ids)
        .containsExactly(
            "grant-" + KEY + "-7",
            "grant-" + KEY + "-7",
            "grant-" + KEY + "-7",
            "grant-" + KEY + "-8",
            "revoke-" + KEY + "-9")
        .noneMatch(id -> id.contains("."));
  }

  @Test
  void theBodySaysAllThatAReceiverNeeds() throws Exception {
    target.ensureGranted(grant(KEY, 7, END, 1, 0));

    JsonNode message = receiver.requests().getFirst().json();
    assertThat(message.toString())
        .isEqualTo(
            ("{'type':'visitor.access.grant','timestamp':'2026-01-15T09:00:00Z','data':{"
                    + "'grant_key':'3f9c1ab2-visit','sequence':7,'action':'grant',"
                    + "'valid_from':'2026-01-15T09:00:00Z','valid_until':'2026-01-15T17:00:00Z',"
                    + "'not_after':'2026-01-15T09:15:00Z','zones':['zone-0','zone-1'],"
                    + "'visitor':{'display_name':'Adalind Zworykin'}}}")
                .replace('\'', '"'));
  }

  @Test
  void anEventLargerThanReceiversTakeIsRefused() {
    Grant large =
        new Grant(
            KEY,
            1,
            NOW,
            END,
            END,
            IntStream.range(0, 2000).mapToObj(n -> "zone-" + n).collect(Collectors.toSet()),
            NAME,
            null);

    TargetException failure = failure(() -> target.ensureGranted(large));

    assertThat(failure.kind()).isEqualTo(Kind.REJECTED);
    assertThat(failure).hasMessageContaining("larger than 20 kB");
    assertThat(receiver.requests()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {302, 400, 401, 404, 409, 422, 429, 500, 502, 504})
  void whateverIsNoSuccessIsTriedAgain(int status) {
    receiver.fail(new Fault.Status(status, "30", false));

    TargetException failure = failure(() -> target.ensureRevoked(KEY, 2));

    assertThat(failure.kind()).isEqualTo(Kind.RETRY);
    assertThat(failure.retryAfter()).hasSeconds(30);
    assertThat(receiver.requests()).as("no redirect, no repeat").hasSize(1);
  }

  @Test
  void aReceiverThatIsGoneForGoodCallsAPerson() {
    receiver.leave();

    TargetException failure = failure(() -> target.ensureRevoked(KEY, 2));

    assertThat(failure.kind()).isEqualTo(Kind.AUTH);
    assertThat(failure).hasMessageContaining("410");
  }

  @Test
  void aLockdownIsToldAndEndsOnlyByItsOwnCall() throws Exception {
    assertThat(target.capabilities()).containsExactly(Capability.LOCKS_DOWN);
    assertThat(target.lockDown(Set.of("zone-0")).complete()).isTrue();
    target.ensureRevoked(KEY, 1);
    assertThat(receiver.lockdowns())
        .extracting(message -> message.path("type").asText())
        .containsExactly("site.lockdown.start");

    assertThat(target.release(Set.of("zone-0")).complete()).isTrue();
    assertThat(receiver.lockdowns())
        .extracting(message -> message.path("type").asText())
        .containsExactly("site.lockdown.start", "site.lockdown.end");
  }

  @Test
  void whatAWebhookCannotDoIsRefused() {
    assertThat(failure(() -> target.find(KEY)).kind()).isEqualTo(Kind.REJECTED);
    assertThat(failure(() -> target.listManaged()).kind()).isEqualTo(Kind.REJECTED);
    assertThat(failure(() -> target.assignCard(KEY, "0123")).kind()).isEqualTo(Kind.REJECTED);
    assertThat(failure(() -> target.returnCard(KEY, "0123")).kind()).isEqualTo(Kind.REJECTED);
  }

  @Test
  void anAddressInsideIsNotReachedUnlessItsHostIsAllowed() {
    for (Set<String> allowed : List.of(Set.<String>of(), Set.of("127.0.0.2", "localhost"))) {
      AccessTarget guarded = target(allowed, FakeSystem.PATIENT);

      TargetException failure = failure(() -> guarded.ensureGranted(grant(KEY, 1, END, 0)));

      assertThat(failure.kind()).isEqualTo(Kind.AUTH);
      assertThat(failure).hasMessageContaining("address inside");
    }
    assertThat(receiver.requests()).isEmpty();
  }

  @Test
  void aNameThatPointsInsideIsNotReached() {
    AccessTarget guarded =
        new WebhookTarget(
            settings(
                "https://localhost:" + receiver.address().getPort() + "/hook",
                Set.of(),
                certificate.certificate("trust"),
                FakeSystem.PATIENT),
            Turnstile.OPEN,
            InstantSource.fixed(NOW));

    assertThat(failure(() -> guarded.ensureRevoked(KEY, 1))).hasMessageContaining("address inside");
    assertThat(receiver.requests()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "198.18.0.1",
        "::1",
        "::",
        "fe80::1",
        "fd00:ec2::254",
        "ff02::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:7f00:1::"
      })
  void addressesInsideAreKnown(String address) {
    assertThat(AddressRule.isInside(InetAddress.ofLiteral(address))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "8.8.8.8",
        "172.32.0.1",
        "100.128.0.1",
        "192.169.0.1",
        "2606:4700::1111",
        "64:ff9b::808:808"
      })
  void addressesOutsideAreKnown(String address) {
    assertThat(AddressRule.isInside(InetAddress.ofLiteral(address))).isFalse();
  }

  @Test
  void aReceiverWithAnotherCertificateIsToldNothing() throws Exception {
    TestCertificate other = TestCertificate.of("dns:elsewhere.example");
    try (FakeReceiver impostor =
        new FakeReceiver(other.server(null), List.of(HMAC), InstantSource.fixed(NOW))) {
      AccessTarget deceived =
          new WebhookTarget(
              settings(
                  impostor.address() + "/hook",
                  Set.of("127.0.0.1"),
                  certificate.certificate("trust"),
                  FakeSystem.PATIENT),
              Turnstile.OPEN,
              InstantSource.fixed(NOW));

      TargetException failure = failure(() -> deceived.ensureGranted(grant(KEY, 1, END, 0)));

      assertThat(failure.kind()).isEqualTo(Kind.AUTH);
      assertThat(failure).hasMessageContaining("certificate");
      assertThat(impostor.requests()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"http://doors.example/hook", "doors.example", "https://a:b@doors.example", ""})
  void anAddressThatIsNotEncryptedOrNoneIsRefused(String url) {
    assertThatThrownBy(() -> settings(url, Set.of(), null, WebhookSettings.TIMEOUTS))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("vestibule.sinks.doors.url: '" + url + "' is no address");
  }

  @Test
  void aReceiverWithoutKeysIsRefused() {
    assertThatThrownBy(() ->
            new WebhookSettings(
                "vestibule.sinks.doors.",
                "https://doors.example",
                List.of(),
                Set.of(),
                null,
                WebhookSettings.TIMEOUTS))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("vestibule.sinks.doors.secrets: '[]' is empty");
  }

  @Test
  void aGrantThatCameTooLateOpensNothingAtTheReceiver() throws Exception {
    Instant past = NOW.minusSeconds(1);
    target.ensureGranted(
        new Grant(KEY, 1, NOW.minusSeconds(60), END, past, Set.of("zone-0"), NAME, null));

    assertThat(receiver.standing(KEY)).isEmpty();
  }
}
