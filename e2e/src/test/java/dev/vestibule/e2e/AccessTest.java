package dev.vestibule.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.vestibule.config.ConfigLoader;
import dev.vestibule.config.IdentityKeys;
import dev.vestibule.config.IdentityKeys.IfAbsent;
import dev.vestibule.config.SourceConfig;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.contract.Topics;
import dev.vestibule.events.Alert;
import dev.vestibule.serde.AvroDeserializer;
import dev.vestibule.serde.HttpSchemaRegistry;
import dev.vestibule.sink.access.GrantKeys;
import dev.vestibule.sink.access.target.FakeSystem.Standing;
import dev.vestibule.sink.access.target.Fault.Status;
import dev.vestibule.sink.access.target.GrantKey;
import dev.vestibule.sink.access.target.unifi.FakeConsole;
import dev.vestibule.standalone.Installation;
import dev.vestibule.standalone.Ports;
import dev.vestibule.standalone.Vestibule;
import dev.vestibule.standalone.simulator.HttpLine;
import dev.vestibule.standalone.simulator.VendorSigner;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * From a vendor's webhook to a door and back, with a console that follows its vendor's contract.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AccessTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final DateTimeFormatter ENVOY =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").withZone(ZoneOffset.UTC);
  private static final String RULES =
      """
      sites:
        - { source: lobby, site: "143", target: doors, zones: [group-1], from: signed-in - 15m, until: signed-in + 8h }
        - { source: gate, site: "143", target: doors, zones: [group-2], from: signed-in - 15m, until: signed-in + 8h }
      lockdowns:
        - { source: guard, site: loc_hq, target: doors, zones: [door-1] }
      """;

  private final FakeConsole console = new FakeConsole(null);
  private Installation installation;
  private IdentityKey identity;
  private GrantKeys keys;

  private Path folder;

  @BeforeAll
  void start(@TempDir Path dir) throws Exception {
    folder = dir;
    Files.writeString(dir.resolve("doors.yml"), RULES);
    Files.writeString(
        dir.resolve("vestibule.yml"),
        """
        vestibule:
          sources:
            lobby: { vendor: envoy, secrets: ["lobby-secret"] }
            gate:  { vendor: envoy, secrets: ["gate-secret"], screen: { default-outcome: approve } }
            guard: { vendor: kyberaccess, secrets: ["guard-secret"] }
          sinks:
            doors:
              type: access-control
              target: unifi-access
              url: "%s"
              token: "%s"
              rules: doors.yml
              lockdown-all-doors: true
              reconcile: 1h
        """
            .formatted(console.address(), FakeConsole.TOKEN));
    VestibuleConfig config = ConfigLoader.load(dir.resolve("vestibule.yml"), dir, Map.of());
    installation = Installation.start(config, dir, Ports.free());
    identity = IdentityKeys.open(config.identity().keyFile(), dir, IfAbsent.REFUSE);
    keys = new GrantKeys(identity, "doors");
  }

  @AfterAll
  void stop() {
    installation.close();
    console.close();
  }

  @Test
  void aVisitorIsLetInAndOutAndItIsToldWhy() throws Exception {
    // When
    entry("lobby", "entry_sign_in", "1001");

    // Then
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(standing("lobby", "1001")).hasSize(1));
    Standing standing = standing("lobby", "1001").getFirst();
    assertThat(standing.zones()).containsExactly("group-1");
    assertThat(Duration.between(Instant.now(), standing.until())).isBetween(hours(7), hours(8));
    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(run(0, "access", "explain", "1001"))
                .contains("SIGNED_IN")
                .contains("opens: new, fresh, in its window")
                .contains("now: open [group-1]")
                .contains("the target has it"));

    // When
    entry("lobby", "entry_sign_out", "1001");

    // Then
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(standing("lobby", "1001")).isEmpty());
    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(run(0, "access", "explain", "lobby:1001"))
                .contains("closes: takes access away")
                .contains("closed since")
                .contains("the target has nothing"));
  }

  @Test
  void whereTheSourceAsksAtTheDoorOnlyWhoWasApprovedGetsIn() throws Exception {
    // Given
    try (Visitors visitors = new Visitors(port(), source("gate"))) {
      assertThat(visitors.ask("2001").status()).isEqualTo(200);
    }

    // When
    entry("gate", "entry_sign_in", "2001");
    entry("gate", "entry_sign_in", "2002");

    // Then
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(standing("gate", "2001")).hasSize(1));
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> assertThat(alerts()).extracting(Alert::getKind).contains("access-held"));
    assertThat(standing("gate", "2002")).isEmpty();
    assertThat(run(0, "access", "explain", "2002"))
        .contains("held: the source screens, and nobody has approved")
        .contains("waiting for an approval");
  }

  @Test
  void aSiteThatNoRuleNamesOpensNothingAndIsReported() throws Exception {
    entry("lobby", "entry_sign_in", "3001", "999");

    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(alerts())
                .filteredOn(alert -> alert.getKind().equals("access-unknown-site"))
                .extracting(Alert::getSiteId)
                .containsExactly("999"));
    assertThat(standing("lobby", "3001")).isEmpty();
  }

  @Test
  void whatNobodyWantsOpenIsFoundAndClosedAndOthersAreLeftAlone() throws Exception {
    // Given
    GrantKey stray = keys.of(identity.visit("lobby", "4001"));
    console.add("Ours", "vestibule:" + stray);
    console.add("Theirs", "guest of the boss");

    // When, then
    assertThat(run(3, "access", "reconcile", "--dry-run"))
        .contains("open, and nothing wants it open")
        .contains(stray.value());
    assertThat(console.standing(stray)).hasSize(1);
    assertThat(run(3, "access", "reconcile")).contains("is being closed");
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(console.standing(stray)).isEmpty());
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> assertThat(run(0, "access", "reconcile", "--dry-run")).contains("as wanted"));
    assertThat(alerts()).extracting(Alert::getKind).contains("access-stray");
  }

  @Test
  void aLockdownLocksAndOnlyAPersonReleasesIt() throws Exception {
    // When
    lockdown("emergency.lockdown_activated", "evt_lock");

    // Then
    await().atMost(PATIENCE).until(console::locked);
    assertThat(run(3, "access", "lockdowns")).contains("LOCK", "loc_hq");
    lockdown("emergency.lockdown_deactivated", "evt_over");
    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(alerts())
                .extracting(Alert::getKind)
                .contains("access-lockdown-over-at-source"));
    assertThat(console.locked()).isTrue();
    entry("lobby", "entry_sign_in", "5001");
    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(run(0, "access", "explain", "5001"))
                .contains("a lockdown is on")
                .contains("now: open [group-1]"));
    assertThat(standing("lobby", "5001")).isEmpty();

    // When
    assertThat(run(0, "access", "release", "--source", "guard", "--site", "loc_hq", "--by", "desk"))
        .contains("doors: site loc_hq is being released");

    // Then
    await().atMost(PATIENCE).until(() -> !console.locked());
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(standing("lobby", "5001")).hasSize(1));
    assertThat(run(1, "access", "release", "--source", "guard", "--site", "loc_hq", "--by", "desk"))
        .isEmpty();
  }

  @Test
  void aTargetThatIsAwayForAWhileIsToldAfterwards() throws Exception {
    // Given
    entry("lobby", "entry_sign_in", "6001");
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(standing("lobby", "6001")).hasSize(1));

    // When
    console.fail(Status.of(503), Status.of(503), Status.of(500));
    entry("lobby", "entry_sign_out", "6001");

    // Then
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(standing("lobby", "6001")).isEmpty());
  }

  // ---- Parts

  private List<Standing> standing(String source, String visit) {
    return console.standing(keys.of(identity.visit(source, visit)));
  }

  private static Duration hours(int hours) {
    return Duration.ofHours(hours).plusSeconds(1);
  }

  private SourceConfig source(String name) {
    return Objects.requireNonNull(installation.config().sources().get(name), name);
  }

  private int port() {
    return URI.create(installation.ingressUrl()).getPort();
  }

  private void entry(String source, String event, String id) throws Exception {
    entry(source, event, id, "143");
  }

  private void entry(String source, String event, String id, String site) throws Exception {
    String now = ENVOY.format(Instant.now());
    String times =
        event.endsWith("sign_out")
            ? "\"signed-in-at\":\"%s\",\"signed-out-at\":\"%s\"".formatted(now, now)
            : "\"signed-in-at\":\"%s\"".formatted(now);
    send(
        source,
        """
        {"meta":{"event":"%s","location":{"id":"%s","type":"locations"}},\
        "payload":{"id":"%s","type":"entries","attributes":{"full-name":"Jo Doe",%s}}}\
        """
            .formatted(event, site, id, times),
        event + id);
  }

  private void lockdown(String event, String id) throws Exception {
    send(
        "guard",
        """
        {"id":"%s","event":"%s","timestamp":"%s","data":{"location":{"id":"loc_hq","name":"HQ"},\
        "reason":"drill","level":"soft"},"account_id":"acc_1"}\
        """
            .formatted(id, event, Instant.now()),
        id);
  }

  private void send(String source, String body, String id) throws Exception {
    URI hook = URI.create(installation.ingressUrl()).resolve("/hooks/" + source);
    try (HttpLine line = new HttpLine()) {
      assertThat(
              line.send(
                      hook,
                      VendorSigner.forSource(source(source))
                          .sign(body.getBytes(UTF_8), id, Instant.now()))
                  .status())
          .isEqualTo(200);
    }
  }

  private List<Alert> alerts() {
    List<Alert> alerts = new ArrayList<>();
    try (HttpSchemaRegistry registry = new HttpSchemaRegistry(installation.registryUrl(), null)) {
      AvroDeserializer<Alert> reader = new AvroDeserializer<>(Alert.class, registry);
      Log.read(installation.bootstrap(), Topics.ALERTS)
          .forEach(record -> alerts.add(reader.deserialize(record.topic(), record.value())));
    }
    return alerts;
  }

  /** Runs a command against the installation; gives what it printed. */
  private String run(int code, String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--data-dir", folder.toString()));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int ended =
        Vestibule.run(
            new PrintStream(out, true, UTF_8),
            new PrintStream(err, true, UTF_8),
            all.toArray(String[]::new));
    assertThat(ended).as(out + " " + err).isEqualTo(code);
    return out.toString(UTF_8);
  }
}
