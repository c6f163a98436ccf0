package dev.vestibule.config;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.vestibule.config.AuthConfig.Scheme;
import dev.vestibule.config.SourceConfig.SignatureMode;
import dev.vestibule.contract.TopicSpec;
import dev.vestibule.contract.Topics;
import dev.vestibule.contract.Vendor;
import dev.vestibule.events.DecisionOutcome;
import dev.vestibule.events.Sensitivity;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ConfigLoaderTest {
  private static final Path RESOURCES = Path.of("src/test/resources/config");
  private static final Path DOCS = Path.of("../docs/config");
  private static final Path DATA = Path.of("/var/lib/vestibule");

  /** Every variable that the files of this test and of the documentation name. */
  private static final Map<String, String> VARIABLES =
      Map.ofEntries(
          Map.entry("HQ_KYBER_SECRET", "kyber-secret"),
          Map.entry("HQ_ENVOY_SECRET", "envoy-secret"),
          Map.entry("LOBBY_SIA_SECRET", "sia-secret"),
          Map.entry("LOBBY_ENVOY_SECRET", "lobby-envoy-secret"),
          Map.entry("BERLIN_TOKEN", "berlin-token"),
          Map.entry("CURACEL_SECRET", "curacel-secret"),
          Map.entry("SLACK_TOKEN", "slack-token"),
          Map.entry("SLACK_SIGNING_SECRET", "slack-signing-secret"),
          Map.entry("SLACK_NEW_SECRET", "slack-new-secret"),
          Map.entry("ESSENTRY_TOKEN", "essentry-token"),
          Map.entry("CLINICS_PATH_KEY", "clinics-path-key"),
          Map.entry("HAMBURG_TOKEN", "hamburg-token"),
          Map.entry("MUNICH_PASSWORD", "munich-password"),
          Map.entry("COLOGNE_PATH_KEY", "cologne-path-key"),
          Map.entry("BONN_PATH_KEY", "bonn-path-key"),
          Map.entry("VIENNA_SECRET", "vienna-secret"),
          Map.entry("DECIDE_SECRET", "whsec_ZGVjaWRlLXNlY3JldA=="),
          Map.entry("UNIFI_TOKEN", "unifi-token"),
          Map.entry("KISI_KEY", "kisi-key"),
          Map.entry("BRIVO_CLIENT_ID", "brivo-client"),
          Map.entry("BRIVO_CLIENT_SECRET", "brivo-secret"),
          Map.entry("BRIVO_API_KEY", "brivo-key"),
          Map.entry("BRIVO_PASSWORD", "brivo-password"),
          Map.entry("BRIVO_REFRESH_TOKEN", "brivo-refresh"),
          Map.entry("GALLAGHER_KEY", "gallagher-key"),
          Map.entry("DOORS_SECRET", "doors-secret"),
          Map.entry("REGISTRY_PASSWORD", "registry-password"));

  @TempDir Path folder;

  @Test
  void wholeInstallationIsRead() {
    VestibuleConfig config =
        ConfigLoader.load(RESOURCES.resolve("installation.yml"), DATA, VARIABLES);

    assertThat(config.identity().keyFile()).isEqualTo(DATA.resolve("identity.key"));
    assertThat(config.sources().keySet())
        .containsExactly("hq-kyber", "hq-envoy", "lobby-sia", "berlin", "clinics");
    assertThat(config.sources().get("hq-kyber"))
        .isEqualTo(
            SourceConfig.of("hq-kyber", Vendor.KYBERACCESS, "hq", new Secret("kyber-secret")));
    assertThat(source(config, "hq-envoy").account()).isEqualTo("hq-envoy");
    assertThat(source(config, "berlin").auth())
        .isEqualTo(
            new AuthConfig(
                Scheme.STATIC_HEADER,
                "Authorization",
                List.of(new Secret("Bearer berlin-token")),
                null));
    assertThat(source(config, "clinics").signature()).isEqualTo(SignatureMode.REQUIRED);
    assertThat(config.sinks().get("frontdesk"))
        .isEqualTo(
            new SinkConfig(
                "frontdesk",
                "slack",
                Set.of(Sensitivity.STANDARD),
                Map.of("token", "slack-token", "signing-secrets", "slack-signing-secret")));
    assertThat(config.kafka()).isEmpty();
    assertThat(config.registry()).isEqualTo(new RegistryConfig(null, null, null));
  }

  @Test
  void emptyFileIsAllDefaults() throws IOException {
    VestibuleConfig config = load("# nothing\n", Map.of());

    assertThat(config.sources()).isEmpty();
    assertThat(config.sinks()).isEmpty();
    assertThat(config.identity())
        .isEqualTo(
            new IdentityConfig(DATA.resolve("identity.key"), DATA.resolve("credential.key")));
    assertThat(config.topics()).isEqualTo(new TopicsConfig("", (short) 3, Map.of(), Map.of()));
    assertThat(config.ingress())
        .isEqualTo(new IngressConfig("0.0.0.0", 8080, "127.0.0.1", 8090, 64L << 20));
    assertThat(config.spool()).isEqualTo(SpoolConfig.DEFAULT);
    assertThat(config.watchlist()).isEqualTo(WatchlistConfig.DEFAULT);
  }

  @Test
  void anEmptyScreenSectionIsAllDefaultsAndAShortHardDeadlineShortensTheSoftOne()
      throws IOException {
    String envoy = "vestibule: { sources: { hq: { vendor: envoy, secrets: [s], screen: %s } } }\n";

    assertThat(source(load(envoy.formatted("{}"), Map.of()), "hq").screen())
        .isEqualTo(ScreenConfig.DEFAULT);
    ScreenConfig fast =
        source(load(envoy.formatted("{ hard-deadline: 500ms }"), Map.of()), "hq").screen();
    assertThat(requireNonNull(fast).softDeadline()).isEqualTo(Duration.ofMillis(500));
  }

  @Test
  void onlyTheSecretOfAPluginMustBeSaidBesideItsIdAndItMayChangeWhileRunning() throws IOException {
    String envoy =
        "vestibule: { sources: { hq: { vendor: envoy, secrets: [s], screen: { plugin:"
            + " { client-id: app, client-secret: %s, base-url: \"%s\" } } } } }\n";

    SourceConfig hq = source(load(envoy.formatted("old", "http://[::1]:9/api/"), Map.of()), "hq");
    SourceConfig newer = source(load(envoy.formatted("new", "https://other"), Map.of()), "hq");

    URI here = URI.create("http://[::1]:9/api");
    assertThat(requireNonNull(hq.screen()).plugin())
        .isEqualTo(PluginConfig.of("app", new Secret("old"), here));
    assertThat(requireNonNull(hq.withSecretsOf(newer).screen()).plugin())
        .isEqualTo(PluginConfig.of("app", new Secret("new"), here));
  }

  @Test
  void wordsOfACardHaveNoCaseAndWhatIsNotSaidOfCardsIsLeftOpen() throws IOException {
    String essentry =
        "vestibule: { sources: { hq: { vendor: essentry, auth: { scheme: path-secret, key: k }"
            + " %s } } }\n";

    assertThat(source(load(essentry.formatted(""), Map.of()), "hq").credential())
        .isEqualTo(CredentialConfig.DEFAULT);
    String words = ", credential: { assigned: /state, assigned-words: \" Ausgegeben\" }";
    assertThat(source(load(essentry.formatted(words), Map.of()), "hq").credential())
        .isEqualTo(new CredentialConfig(null, null, null, "/state", List.of("ausgegeben")));
  }

  @Test
  void minimalFileOfTheDocumentationLoads() {
    VestibuleConfig config =
        ConfigLoader.load(DOCS.resolve("vestibule.minimal.yml"), DATA, VARIABLES);

    assertThat(config.sources()).containsOnlyKeys("hq-kyber");
  }

  @Test
  void everyKeyOfTheReferenceFileIsRead() throws IOException {
    VestibuleConfig config = reference();

    SourceConfig kyber = source(config, "hq-kyber");
    assertThat(kyber.secrets())
        .containsExactly(new Secret("kyber-secret"), new Secret("secret-in-file"));
    assertThat(kyber.pastTolerance()).isEqualTo(Duration.ofHours(15));
    assertThat(kyber.futureTolerance()).isEqualTo(Duration.ofMinutes(5));
    assertThat(kyber.maxBodyBytes()).isEqualTo(1 << 20);
    assertThat(kyber.rateLimit()).isEqualTo(200);
    assertThat(kyber.allowedNetworks()).containsExactly("203.0.113.0/24", "2001:db8::/32");
    assertThat(kyber.trustedProxies()).containsExactly("10.0.0.0/8");
    assertThat(kyber.spool()).isTrue();
    assertThat(kyber.clientCertificate())
        .isEqualTo(
            new ClientCertificate(
                "CN=hooks.kyberaccess.example,O=Example",
                "5f3c8a1e90bb47d26c0ef1a4389d72c5".repeat(2)));
    assertThat(config.ingress().tls())
        .isEqualTo(
            new TlsConfig(
                folder.resolve("tls/server.pem"),
                folder.resolve("tls/server.key"),
                folder.resolve("tls/clients.pem")));
    assertThat(kyber.screen()).isNull();
    assertThat(source(config, "lobby-envoy").screen())
        .isEqualTo(
            new ScreenConfig(
                "Front desk",
                DecisionOutcome.REVIEW,
                Set.of("143"),
                Duration.ofSeconds(45),
                Duration.ofMillis(800),
                Duration.ofSeconds(2),
                new ExternalConfig(
                    URI.create("https://decide.example.com/visitors"),
                    List.of(new Secret("whsec_ZGVjaWRlLXNlY3JldA==")),
                    Duration.ofMillis(600),
                    Duration.ofMillis(300),
                    ExternalConfig.Mode.DECIDE,
                    List.of("entry.id", "site.id", "visitor.company")),
                new PluginConfig(
                    "5a0c1b9e-0000-4000-8000-000000000001",
                    new Secret("lobby-envoy-secret"),
                    URI.create("https://app.envoy.com"),
                    "identity-verification",
                    "meta.install_id",
                    PluginConfig.Grant.CLIENT_CREDENTIALS)));
    SourceConfig clinics = source(config, "clinics");
    assertThat(clinics.spool()).isNull();
    assertThat(clinics.signature()).isEqualTo(SignatureMode.IF_PRESENT);
    assertThat(clinics.pathKeys()).containsExactly(new Secret("clinics-path-key"));
    SourceConfig berlin = source(config, "berlin");
    assertThat(berlin.states())
        .isEqualTo(Map.of("waiting for approval", "REVIEW_REQUIRED", "denied", "DENIED"));
    assertThat(berlin.credential())
        .isEqualTo(
            new CredentialConfig(
                "/holder/checkInId",
                "/cardNumber",
                "/type",
                "/state",
                List.of("assigned", "handed out")));
    assertThat(berlin.siteId()).isEqualTo("berlin-mitte");
    assertThat(auth(config, "munich").values())
        .containsExactly(new Secret("essentry:munich-password"));
    assertThat(source(config, "cologne").pathKeys())
        .containsExactly(new Secret("cologne-path-key"));
    assertThat(auth(config, "vienna").hmac())
        .isEqualTo(
            new AuthConfig.HmacConfig(
                "X-Signature",
                "hex",
                "sha256=",
                "{timestamp}.{id}.{body}",
                "X-Timestamp",
                "X-Delivery"));
    assertThat(source(config, "vienna").mapping())
        .containsEntry("visit.id", "/data/visit/id")
        .containsEntry("type:visitor.arrived", "SIGNED_IN");
    assertThat(config.sinks().get("archive"))
        .isEqualTo(
            new SinkConfig(
                "archive",
                "warehouse",
                Set.of(Sensitivity.values()),
                Map.of(
                    "batch-rows", "2000",
                    "batch-interval", "500ms",
                    "memory-mb", "160",
                    "query-timeout", "10s",
                    "query-rows", "10000")));
    SinkConfig frontdesk = sink(config, "frontdesk");
    assertThat(frontdesk.secrets(SinkConfig.SIGNING_SECRETS))
        .containsExactly(new Secret("slack-signing-secret"), new Secret("slack-new-secret"));
    assertThat(frontdesk.settings())
        .containsEntry("token", "slack-token")
        .containsEntry("rules", folder.resolve("slack.yml").toString())
        .containsEntry("team", "T0123456789")
        .containsEntry("app", "A0123456789")
        .containsEntry("api-url", "https://slack.com/api/")
        .containsEntry("transitions-url", "https://essentry.example.com/check-ins")
        .containsEntry("transitions-token", "essentry-token");
    SinkConfig reception = sink(config, "reception");
    assertThat(reception.settings()).containsEntry("channel", "C0123456789");
    assertThat(reception.secrets(SinkConfig.SIGNING_SECRETS)).isEmpty();
    assertThat(config.kafka()).containsEntry("bootstrap.servers", "127.0.0.1:9092");
    assertThat(config.registry().url()).isEqualTo("http://127.0.0.1:8081");
    assertThat(config.registry().userInfo()).isEqualTo("vestibule:registry-password");
    assertThat(config.topics().replication()).isEqualTo((short) 3);
    assertThat(config.watchlist())
        .isEqualTo(new WatchlistConfig("DE", Set.of("hq-kyber"), Duration.ofDays(90)));
    assertThat(config.topics().partitions()).isEqualTo(Map.of("visitor.events", 64));
    assertThat(config.topics().retention())
        .isEqualTo(Map.of("visitor.events", Duration.ofDays(30)));
  }

  @Test
  void clicksOfASinkLieInOrderWithKafkasTimeForADay() {
    TopicSpec clicks = Topics.interactions("frontdesk");

    assertThat(clicks.name()).isEqualTo("sink.frontdesk.interactions");
    assertThat(clicks.embeddedPartitions()).isEqualTo(1);
    assertThat(clicks.productionPartitions()).isEqualTo(1);
    assertThat(clicks.settings())
        .containsEntry("cleanup.policy", "delete")
        .containsEntry("retention.ms", Long.toString(Duration.ofDays(1).toMillis()))
        .containsEntry("message.timestamp.type", "LogAppendTime");
    assertThat(Topics.messages("frontdesk").settings()).containsEntry("cleanup.policy", "compact");
  }

  @Test
  void referenceFileNamesEveryKey() {
    Setting.Group root =
        new YamlFile(new Placeholders(VARIABLES)).read(DOCS.resolve("vestibule.reference.yml"));
    Setting vestibule = root.values().get("vestibule");

    List<String> missing =
        Layout.INSTALLATION.paths("").stream().filter(path -> !names(vestibule, path)).toList();

    assertThat(missing).isEmpty();
  }

  static Stream<String> brokenFiles() throws IOException {
    try (Stream<Path> files = Files.list(RESOURCES.resolve("broken"))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList().stream();
    }
  }

  /** The first line of each file is the message that it must cause. */
  @ParameterizedTest
  @MethodSource("brokenFiles")
  void brokenFileIsRefusedInOneLineWithoutSecrets(String name) throws IOException {
    Path file = RESOURCES.resolve("broken").resolve(name);
    String expected = Files.readAllLines(file).getFirst().substring("# ".length());

    ConfigException refused =
        catchThrowableOfType(ConfigException.class, () -> ConfigLoader.load(file, DATA, VARIABLES));

    assertThat(refused).hasMessage(expected).hasNoCause();
    assertThat(refused.getMessage()).doesNotContain("hidden-secret").hasLineCount(1);
  }

  @Test
  void pathKeysAloneOpenTheirRouteOnly() throws IOException {
    VestibuleConfig config =
        load(
            "vestibule: { sources: { a: { vendor: curacel, path-keys: k },"
                + " b: { vendor: essentry, path-keys: k } } }",
            Map.of());

    assertThat(source(config, "a").signature()).isEqualTo(SignatureMode.OFF);
    assertThat(source(config, "a").auth()).isNull();
    assertThat(auth(config, "b"))
        .isEqualTo(new AuthConfig(Scheme.PATH_SECRET, null, List.of(new Secret("k")), null));
  }

  @Test
  void missingFileIsNamed() {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> ConfigLoader.load(folder.resolve("none.yml"), DATA, Map.of()))
        .withMessageMatching("config: '.*none.yml' cannot be read; expected a YAML file");
  }

  @Test
  void limitsOfConnectionsAreReadFromFileAndEnvironment() throws IOException {
    VestibuleConfig config =
        load(
            "vestibule: { ingress: { connections: { max: 9, idle-timeout: 10s,"
                + " request-timeout: 2s, max-header-bytes: 4KiB, max-requests: 3 } } }",
            Map.of("VESTIBULE_INGRESS_CONNECTIONS_MAX_PIPELINED", "2"));

    assertThat(config.ingress().connections())
        .isEqualTo(
            new ConnectionLimits(9, Duration.ofSeconds(10), Duration.ofSeconds(2), 4096, 3, 2));
    assertThat(load("# nothing\n", Map.of()).ingress().connections())
        .isEqualTo(ConnectionLimits.DEFAULT);
  }

  @Test
  void spoolIsReadFromFileAndEnvironment() throws IOException {
    VestibuleConfig config =
        load(
            "vestibule: { spool: { folder: /var/spool/v, max-bytes: 32MiB, max-age: 2h },"
                + " sources: { a: { vendor: curacel, path-keys: k, spool: true } } }",
            Map.of("VESTIBULE_SPOOL_ACK_TIMEOUT", "700ms", "VESTIBULE_SOURCES_A_SPOOL", "false"));

    assertThat(config.spool())
        .isEqualTo(
            new SpoolConfig(
                Path.of("/var/spool/v"), 32L << 20, Duration.ofHours(2), Duration.ofMillis(700)));
    assertThat(source(config, "a").spool()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "250ms,PT0.25S",
    "300s,PT5M",
    "5m,PT5M",
    "15h,PT15H",
    "7d,PT168H",
    "PT15H,PT15H",
    "0s,PT0S"
  })
  void durationsAreReadInEveryUnit(String written, Duration expected) throws IOException {
    VestibuleConfig config =
        load(
            "vestibule: { sources: { a: { vendor: envoy, secrets: s, tolerance: { past: "
                + written
                + " } } } }",
            Map.of());

    assertThat(source(config, "a").pastTolerance()).isEqualTo(expected);
  }

  @Test
  void secretsStayWhatTheyAre() throws IOException {
    String odd = "0123 ${HQ_KYBER_SECRET} $1 \\ Ærø 鍵 \"'";
    VestibuleConfig config =
        load(
            "vestibule: { sources: { a: { vendor: envoy, secrets: [0123, true, \"${ODD}\","
                + " \"$${ODD}\", \"${NONE:fall}back\", ' x '] } } }",
            Map.of("ODD", odd, "HQ_KYBER_SECRET", "never"));

    assertThat(source(config, "a").secrets().stream().map(Secret::reveal))
        .containsExactly("0123", "true", odd, "${ODD}", "fallback", " x ");
  }

  @Test
  void secretFileLosesOneLineEndOnly() throws IOException {
    Files.writeString(folder.resolve("one"), " päss\n\n");
    Files.writeString(folder.resolve("two"), "word\r\n");
    VestibuleConfig config =
        load(
            "vestibule: { sources: { a: { vendor: envoy, secrets: [{ file: one }, { file: two }] } },"
                + " kafka: { sasl.jaas.config: { file: two } } }",
            Map.of());

    assertThat(source(config, "a").secrets().stream().map(Secret::reveal))
        .containsExactly(" päss\n", "word");
    assertThat(config.kafka()).containsEntry("sasl.jaas.config", "word");
  }

  @Test
  void kafkaSettingsCanBeMeantForOneService() throws IOException {
    VestibuleConfig config =
        load(
            "vestibule: { kafka: { commit.interval.ms: 50, deduper.commit.interval.ms: 10,"
                + " normalizer.num.stream.threads: 3, main.consumer.fetch.min.bytes: 1 } }",
            Map.of());

    assertThat(config.kafkaOf("deduper"))
        .isEqualTo(Map.of("commit.interval.ms", "10", "main.consumer.fetch.min.bytes", "1"));
    assertThat(config.kafkaOf("normalizer"))
        .isEqualTo(
            Map.of(
                "commit.interval.ms", "50",
                "num.stream.threads", "3",
                "main.consumer.fetch.min.bytes", "1"));
  }

  @Test
  void binarySecretFileIsRefused() throws IOException {
    Files.write(folder.resolve("bin"), new byte[] {(byte) 0xff, (byte) 0xfe});

    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() ->
            load(
                "vestibule: { sources: { a: { vendor: envoy, secrets: { file: bin } } } }",
                Map.of()))
        .withMessage("sources.a.secrets[0]: file 'bin' is not UTF-8; expected a secret as text");
  }

  @Test
  void environmentWins() throws IOException {
    Files.writeString(folder.resolve("third"), "three\n");
    Map<String, String> environment = new TreeMap<>();
    environment.put("VESTIBULE_KAFKA_BOOTSTRAP_SERVERS", "kafka:9092");
    environment.put("VESTIBULE_SOURCES_HQ_KYBER_SECRETS_0", "one");
    environment.put("VESTIBULE_SOURCES_HQ_KYBER_SECRETS_2_FILE", "third");
    environment.put("VESTIBULE_SOURCES_HQ_KYBER_TOLERANCE_PAST", "1h");
    environment.put("VESTIBULE_SOURCES_HQ_KYBER_ALLOWED_NETWORKS", "10.0.0.1, 192.168.0.0/16");
    environment.put("VESTIBULE_SOURCES_HQ_ENVOY_SECRETS", "whole, with comma ${X}");
    environment.put("VESTIBULE_SOURCES_NEW_ONE_VENDOR", "curacel");
    environment.put("VESTIBULE_SOURCES_NEW_ONE_PATH_KEYS", "new-key");
    environment.put("VESTIBULE_SOURCES_BERLIN_AUTH_SCHEME", "basic");
    environment.put("VESTIBULE_SOURCES_BERLIN_AUTH_USERNAME", "me");
    environment.put("VESTIBULE_SOURCES_BERLIN_AUTH_PASSWORD_FILE", "third");
    environment.put("VESTIBULE_SINKS_FRONTDESK_SENSITIVITIES", "standard,restricted");
    environment.put("VESTIBULE_SINKS_FRONTDESK_TOKEN", "other-token");
    environment.put("VESTIBULE_REGISTRY_URL", "https://registry:8081/");
    environment.put("VESTIBULE_REGISTRY_AUTH_USERNAME", "user");
    environment.put("VESTIBULE_REGISTRY_AUTH_PASSWORD", "pass");
    environment.put("VESTIBULE_TOPICS_PREFIX", "test.");
    environment.put("VESTIBULE_TOPICS_PARTITIONS_VISITOR_DEAD_LETTERS", "3");
    environment.put("VESTIBULE_TOPICS_RETENTION_VISITOR_EVENTS", "7d");
    environment.put("VESTIBULE_INGRESS_PORT", "0");
    environment.put("VESTIBULE_INGRESS_ADMIN_PORT", "9");
    environment.put("VESTIBULE_INGRESS_TLS_CERTIFICATE", "/etc/cert");
    environment.put("VESTIBULE_INGRESS_TLS_KEY", "/etc/key");
    environment.put("VESTIBULE_IDENTITY_KEY_FILE", "/etc/key");
    environment.put("VESTIBULE_DATA_DIR", "somebody else's");
    environment.put("VESTIBULE_HOME", "somebody else's");

    VestibuleConfig config =
        load(
            """
            vestibule:
              sources:
                hq-kyber: { vendor: kyberaccess, secrets: [file-one, two], tolerance: { past: 2h } }
                hq-envoy: { vendor: envoy, secrets: [a, b] }
                berlin: { vendor: essentry, auth: { scheme: basic } }
              sinks:
                frontdesk: { type: slack, token: file-token }
              kafka: { bootstrap.servers: "file:9092" }
              ingress: { port: 1, admin-port: 2 }
            """,
            environment);

    SourceConfig kyber = source(config, "hq-kyber");
    assertThat(kyber.secrets())
        .containsExactly(new Secret("one"), new Secret("two"), new Secret("three"));
    assertThat(kyber.pastTolerance()).isEqualTo(Duration.ofHours(1));
    assertThat(kyber.allowedNetworks()).containsExactly("10.0.0.1/32", "192.168.0.0/16");
    assertThat(source(config, "hq-envoy").secrets())
        .containsExactly(new Secret("whole, with comma ${X}"));
    assertThat(source(config, "new-one").vendor()).isEqualTo(Vendor.CURACEL);
    assertThat(source(config, "new-one").signature()).isEqualTo(SignatureMode.OFF);
    assertThat(auth(config, "berlin").values()).containsExactly(new Secret("me:three"));
    assertThat(sink(config, "frontdesk").sensitivities())
        .containsExactlyInAnyOrder(Sensitivity.STANDARD, Sensitivity.RESTRICTED);
    assertThat(sink(config, "frontdesk").settings()).containsEntry("token", "other-token");
    assertThat(config.kafka()).isEqualTo(Map.of("bootstrap.servers", "kafka:9092"));
    assertThat(config.registry().url()).isEqualTo("https://registry:8081/");
    assertThat(config.registry().userInfo()).isEqualTo("user:pass");
    assertThat(config.topics())
        .isEqualTo(
            new TopicsConfig(
                "test.",
                (short) 3,
                Map.of("visitor.dead-letters", 3),
                Map.of("visitor.events", Duration.ofDays(7)),
                List.of(
                    Topics.parked("frontdesk"),
                    Topics.replay("frontdesk"),
                    Topics.messages("frontdesk"),
                    Topics.interactions("frontdesk"))));
    assertThat(config.ingress().port()).isZero();
    assertThat(config.ingress().adminPort()).isEqualTo(9);
    assertThat(config.ingress().tls())
        .isEqualTo(new TlsConfig(Path.of("/etc/cert"), Path.of("/etc/key"), null));
    assertThat(config.identity().keyFile()).isEqualTo(Path.of("/etc/key"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          VESTIBULE_INGRESS_PROT | VESTIBULE_INGRESS_PROT: environment variable names no key
          VESTIBULE_SOURCES_HQ_SECRETZ | VESTIBULE_SOURCES_HQ_SECRETZ: environment variable names no
          VESTIBULE_SOURCES_HQ_SECRETS_5 | VESTIBULE_SOURCES_HQ_SECRETS_5: environment variable leaves
          VESTIBULE_INGRESS_PORT | ingress.port: 'hidden' (from VESTIBULE_INGRESS_PORT); expected a
          """)
  void variableThatDoesNotFitIsNamed(String variable, String message) {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() ->
            load(
                "vestibule: { sources: { hq: { vendor: envoy, secrets: s } } }",
                Map.of(variable, "hidden")))
        .withMessageStartingWith(message);
  }

  @Test
  void nothingPrintsASecret() throws IOException {
    String printed = reference().toString() + reference().sources() + reference().sinks();

    VARIABLES
        .entrySet()
        .forEach(variable -> assertThat(printed).doesNotContain(variable.getValue()));
  }

  private VestibuleConfig reference() throws IOException {
    Files.copy(DOCS.resolve("vestibule.reference.yml"), folder.resolve("reference.yml"));
    Files.writeString(folder.resolve("hq-kyber.secret"), "secret-in-file\n");
    try {
      return ConfigLoader.load(folder.resolve("reference.yml"), DATA, VARIABLES);
    } finally {
      Files.delete(folder.resolve("reference.yml"));
    }
  }

  private VestibuleConfig load(String yaml, Map<String, String> environment) throws IOException {
    Path file = Files.writeString(folder.resolve("test.yml"), yaml);
    return ConfigLoader.load(file, DATA, environment);
  }

  private static SourceConfig source(VestibuleConfig config, String name) {
    return requireNonNull(config.sources().get(name), name);
  }

  private static AuthConfig auth(VestibuleConfig config, String name) {
    return requireNonNull(source(config, name).auth(), name);
  }

  private static SinkConfig sink(VestibuleConfig config, String name) {
    return requireNonNull(config.sinks().get(name), name);
  }

  /** Whether the tree has a value at a path in which a star stands for any name. */
  private static boolean names(@Nullable Setting setting, String path) {
    if (path.isEmpty()) {
      return setting != null;
    }
    if (!(setting instanceof Setting.Group(Map<String, Setting> values))) {
      return false;
    }
    int dot = path.indexOf('.');
    String first = dot < 0 ? path : path.substring(0, dot);
    String rest = dot < 0 ? "" : path.substring(dot + 1);
    return first.equals("*")
        ? values.values().stream().anyMatch(value -> names(value, rest))
        : names(values.get(first), rest);
  }
}
