package dev.vestibule.standalone.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.vestibule.config.RegistryConfig;
import dev.vestibule.config.TopicsConfig;
import dev.vestibule.standalone.MadeCertificate;
import dev.vestibule.standalone.broker.EmbeddedBroker;
import dev.vestibule.standalone.broker.TopicSetup;
import dev.vestibule.standalone.broker.TopicSetup.Scale;
import dev.vestibule.standalone.doctor.Doctor.Diagnosis;
import dev.vestibule.standalone.doctor.Doctor.Surroundings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DoctorTest {
  private static final String STRONG = "9f2c41d07be85a6613f0ce7d24ab98e5";
  private static final String OTHER = "c07a5e1b93d84f62a0e7735c1db946f8";
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final TopicsConfig TOPICS = new TopicsConfig("", (short) 1, Map.of(), Map.of());

  @TempDir Path dir;

  @Test
  void aSoundInstallationHasNoFindings() throws Exception {
    assertThat(
            findings(
                """
                hq: { vendor: kyberaccess, secrets: [%s] }
                desk: { vendor: envoy, secrets: [%s], allowed-networks: [203.0.113.0/24] }
                """
                    .formatted(STRONG, OTHER)))
        .isEmpty();
  }

  @Test
  void plainHttpBeyondLoopbackIsFound() throws Exception {
    write("sources: { hq: { vendor: kyberaccess, secrets: [" + STRONG + "] } }");

    assertThat(examine().findings())
        .containsExactly(
            new Finding(
                "plain-http",
                "ingress.host",
                "the public port listens on 0.0.0.0 without TLS",
                "set ingress.tls, or ingress.host: 127.0.0.1 behind a proxy that ends TLS"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          vendor: envoy, secrets: [<one>]                                            | envoy signs the body alone
          vendor: curacel, secrets: [<one>]                                          | curacel signs the body alone
          vendor: curacel, path-keys: [<one>]                                        | a key in the path
          vendor: curacel, secrets: [<one>], signature: if-present, path-keys: [<two>]   | a key in the path
          vendor: essentry, auth: { scheme: static-header, value: Bearer <one> }     | a header that is always the same
          vendor: essentry, auth: { scheme: basic, username: u, password: <one> }    | HTTP Basic
          vendor: essentry, auth: { scheme: path-secret, key: <one> }                | a key in the path
          vendor: essentry, auth: { scheme: hmac, key: <one>, header: X-Signature }  | essentry signs the body alone
          """)
  void aSourceThatSignsNoTimeIsFoundWithWhatItHasInstead(String source, String how)
      throws Exception {
    List<Finding> findings =
        findings("hq: { " + source.replace("<one>", STRONG).replace("<two>", OTHER) + " }");

    assertThat(findings)
        .singleElement()
        .satisfies(finding -> {
          assertThat(finding.check()).isEqualTo("replay");
          assertThat(finding.where()).isEqualTo("sources.hq");
          assertThat(finding.what()).contains("(" + how + ")");
          assertThat(finding.remedy()).contains("allowed-networks", "client-certificate");
        });
  }

  @Test
  void anIdWithoutAnEndIsFound() throws Exception {
    assertThat(
            findings(
                "hq: { vendor: essentry, auth: { scheme: hmac, key: "
                    + STRONG
                    + ", header: X-S, template: \"{timestamp}.{id}{body}\", timestamp-header: X-T,"
                    + " id-header: X-I } }"))
        .extracting(Finding::check, Finding::where)
        .containsExactly(tuple("open-template", "sources.hq.auth.template"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          short-one                        | is shorter than 16 bytes
          my-webhook-secret-123456         | is made of well-known words
          MySuperPassword1234Test          | is made of well-known words
          ababababababababababababab       | repeats a few characters
          """)
  void aSecretThatCouldBeGuessedIsFoundAndNotShown(String secret, String what) throws Exception {
    List<Finding> findings = findings("hq: { vendor: kyberaccess, secrets: [\"" + secret + "\"] }");

    assertThat(findings)
        .singleElement()
        .satisfies(finding -> {
          assertThat(finding.check()).isEqualTo("weak-secret");
          assertThat(finding.where()).isEqualTo("sources.hq.secrets[0]");
          assertThat(finding.what()).isEqualTo(what);
          assertThat(finding.remedy()).contains("openssl rand");
        });
    assertThat(findings.toString()).doesNotContain(secret);
  }

  @Test
  void theSameSecretInTwoPlacesIsFound() throws Exception {
    assertThat(
            findings(
                "a: { vendor: kyberaccess, secrets: [%s] }\nb: { vendor: sign-in-app, secrets: [%s, %s] }"
                    .formatted(STRONG, OTHER, STRONG)))
        .extracting(Finding::check, Finding::where, Finding::what)
        .containsExactly(
            tuple("shared-secret", "sources.b.secrets[1]", "is the same as sources.a.secrets[0]"));
  }

  @Test
  void filesOfSecretsThatEverybodyCanReadAreFound() throws Exception {
    Path open = secret("open.secret", STRONG, "rw-r--r--");
    secret("closed.secret", OTHER, "rw-r-----");
    Path key = secret("identity.key", "00".repeat(32), "rw-rw-rw-");

    assertThat(
            findings(
                "hq: { vendor: kyberaccess, secrets: [{ file: open.secret }, { file: closed.secret"
                    + " }] }"))
        .extracting(Finding::check, Finding::where, Finding::remedy)
        .containsExactly(
            tuple("readable-by-all", open.toString(), "chmod o-rwx " + open),
            tuple("readable-by-all", key.toString(), "chmod o-rwx " + key));
  }

  @Test
  void aConfigurationWithSecretsThatEverybodyCanReadIsFound() throws Exception {
    Path file = write(onLoopback("hq: { vendor: kyberaccess, secrets: [" + STRONG + "] }"));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

    assertThat(examine().findings())
        .extracting(Finding::check, Finding::where)
        .containsExactly(tuple("readable-by-all", file.toString()));
  }

  @Test
  void aMissingSecretFileIsFoundByItsSetting() throws Exception {
    assertThat(findings("hq: { vendor: kyberaccess, secrets: { file: nowhere.secret } }"))
        .singleElement()
        .satisfies(finding -> {
          assertThat(finding.check()).isEqualTo("configuration");
          assertThat(finding.what())
              .isEqualTo(
                  "sources.hq.secrets[0]: file 'nowhere.secret' cannot be read; expected a file"
                      + " with the secret");
        });
  }

  @Test
  void rulesOfDoorsThatCannotBeUsedAreFound() throws Exception {
    Files.writeString(
        dir.resolve("doors.yml"),
        "sites: [{ source: nobody, site: hq, target: doors, zones: [a], from: signed-in,"
            + " until: signed-in + 1h }]");
    write(
        """
        ingress: { host: 127.0.0.1 }
          sources: { hq: { vendor: kyberaccess, secrets: [%s] } }
          sinks: { doors: { type: access-control, target: kisi, token: %s, rules: doors.yml } }
        """
            .formatted(STRONG, OTHER));

    assertThat(examine().findings())
        .singleElement()
        .satisfies(finding -> {
          assertThat(finding.check()).isEqualTo("doors");
          assertThat(finding.where()).isEqualTo("sinks.doors");
          assertThat(finding.what()).contains("sites[0].source", "'nobody' is no source");
        });
  }

  @Test
  void aSlackSinkThatTellsNobodyOrHearsNobodyIsFound() throws Exception {
    slack("{ type: slack }");

    assertThat(examine().findings())
        .extracting(Finding::check, Finding::where)
        .containsExactly(
            tuple("slack", "sinks.frontdesk"),
            tuple("slack", "sinks.frontdesk.signing-secrets"),
            tuple("slack", "sinks.frontdesk"));

    slack("{ type: slack, token: t, signing-secrets: [" + OTHER + "], channel: C012AB3CD }");
    assertThat(examine().findings()).isEmpty();

    slack("{ type: slack, token: t, signing-secrets: [" + OTHER + "], channel: visitors }");
    assertThat(examine().findings())
        .extracting(Finding::where, Finding::what)
        .containsExactly(
            tuple(
                "sinks.frontdesk",
                "vestibule.sinks.frontdesk.channel: 'visitors'; expected the id of a channel such as"
                    + " C012AB3CD"));
  }

  @Test
  void routesThatCannotBeUsedAreFound() throws Exception {
    slack("{ type: slack, token: t, signing-secrets: [" + OTHER + "], rules: slack.yml }");

    assertThat(examine().findings())
        .singleElement()
        .satisfies(finding -> {
          assertThat(finding.check()).isEqualTo("slack");
          assertThat(finding.where()).isEqualTo("sinks.frontdesk");
          assertThat(finding.what()).contains("slack.yml", "cannot be read");
        });

    Files.writeString(dir.resolve("slack.yml"), "routes: [{ source: nobody, channel: C012AB3CD }]");
    assertThat(examine().findings())
        .extracting(Finding::what)
        .singleElement()
        .asString()
        .contains("routes[0].source", "'nobody' is no source");

    Files.writeString(dir.resolve("slack.yml"), "routes: [{ source: hq, channel: C012AB3CD }]");
    assertThat(examine().findings()).isEmpty();
  }

  private void slack(String sink) throws IOException {
    write(
        """
        ingress: { host: 127.0.0.1 }
          sources: { hq: { vendor: kyberaccess, secrets: [%s] } }
          sinks: { frontdesk: %s }
        """
            .formatted(STRONG, sink));
  }

  @Test
  void missingCertificateFilesAreFound() throws Exception {
    write(
        "sources: { hq: { vendor: kyberaccess, secrets: ["
            + STRONG
            + "] } }\n  ingress: { tls: { certificate: a.pem, key: a.key } }");

    assertThat(examine().findings())
        .extracting(Finding::check, Finding::where)
        .containsExactly(tuple("certificate", "ingress.tls.certificate"));
  }

  @Test
  void aCertificateThatEndsSoonIsFound() throws Exception {
    MadeCertificate.in(dir, "-startdate", "2026/01/01 00:00:00", "-validity", "31");
    secret("a.key", Files.readString(dir.resolve("a.key")), "rw-------");
    write(
        "sources: { hq: { vendor: kyberaccess, secrets: ["
            + STRONG
            + "] } }\n  ingress: { tls: { certificate: a.pem, key: a.key } }");

    assertThat(examine(at("2026-01-25T00:00:00Z"), null).findings())
        .extracting(Finding::check, Finding::what)
        .containsExactly(
            tuple("certificate", "the certificate ends in 7 days, on 2026-02-01T00:00:00Z"));
    assertThat(examine(at("2026-03-01T00:00:00Z"), null).findings())
        .extracting(Finding::what)
        .containsExactly("the certificate ended on 2026-02-01T00:00:00Z");
    assertThat(examine(at("2026-01-01T00:00:00Z"), null).findings()).isEmpty();
  }

  @Test
  void withoutKafkaItSaysWhatWasNotLookedAt() throws Exception {
    write(onLoopback("hq: { vendor: kyberaccess, secrets: [" + STRONG + "] }"));

    assertThat(examine().skipped())
        .singleElement()
        .asString()
        .contains("Kafka, topics, clocks and registry");
  }

  @Test
  void kafkaAndRegistryThatDoNotAnswerAreFound() throws Exception {
    write(onLoopback("hq: { vendor: kyberaccess, secrets: [" + STRONG + "] }"));
    int nobody = closedPort();

    List<Finding> findings =
        examine(InstantSource.system(), surroundings("127.0.0.1:" + nobody, nobody)).findings();

    assertThat(findings)
        .extracting(Finding::check, Finding::where)
        .containsExactly(
            tuple("unreadable-file", dir.resolve("identity.key").toString()),
            tuple("kafka", "127.0.0.1:" + nobody),
            tuple("registry", "http://127.0.0.1:" + nobody));
  }

  @Test
  void topicsAndClocksThatDifferAreFound() throws Exception {
    write(onLoopback("hq: { vendor: kyberaccess, secrets: [" + STRONG + "] }"));
    secret("identity.key", "00".repeat(32), "rw-------");
    try (EmbeddedBroker broker = EmbeddedBroker.start(dir.resolve("kafka"), 0)) {
      String bootstrap = "127.0.0.1:" + broker.port();
      Surroundings cluster =
          new Surroundings(
              Map.of("bootstrap.servers", bootstrap),
              TOPICS,
              Scale.EMBEDDED,
              new RegistryConfig(null, null, null));
      assertThat(examine(InstantSource.system(), cluster).findings())
          .isNotEmpty()
          .allSatisfy(finding -> {
            assertThat(finding.check()).isEqualTo("topic");
            assertThat(finding.what()).isEqualTo("does not exist");
          });

      try (Admin admin = Admin.create(Map.of("bootstrap.servers", (Object) bootstrap))) {
        new TopicSetup(TOPICS, Scale.EMBEDDED).apply(admin);
        // The broker learns of changes some time after the controller has agreed to them.
        await()
            .atMost(PATIENCE)
            .untilAsserted(
                () -> assertThat(examine(InstantSource.system(), cluster).findings()).isEmpty());

        ConfigResource events = new ConfigResource(ConfigResource.Type.TOPIC, "visitor.events");
        admin
            .incrementalAlterConfigs(
                Map.of(
                    events,
                    List.of(
                        new AlterConfigOp(
                            new ConfigEntry("retention.ms", "1000"), AlterConfigOp.OpType.SET))))
            .all()
            .get();
      }
      await()
          .atMost(PATIENCE)
          .untilAsserted(() ->
              assertThat(examine(InstantSource.system(), cluster).findings())
                  .singleElement()
                  .satisfies(finding -> {
                    assertThat(finding.where()).isEqualTo("visitor.events");
                    assertThat(finding.what()).startsWith("retention.ms is 1000, expected ");
                    assertThat(finding.remedy()).contains("--alter");
                  }));

      assertThat(examine(shifted(Duration.ofMinutes(-10)), cluster).findings())
          .first()
          .satisfies(finding -> {
            assertThat(finding.check()).isEqualTo("clock");
            assertThat(finding.what())
                .startsWith("Kafka's clock is ")
                .endsWith(" s ahead of this machine's");
          });
      assertThat(examine(shifted(Duration.ofMinutes(10)), cluster).findings())
          .first()
          .satisfies(finding -> assertThat(finding.what()).endsWith(" s behind this machine's"));
    }
  }

  private static InstantSource at(String time) {
    return InstantSource.fixed(Instant.parse(time));
  }

  private static InstantSource shifted(Duration by) {
    return () -> InstantSource.system().instant().plus(by);
  }

  private static Surroundings surroundings(String bootstrap, int registry) {
    return new Surroundings(
        Map.of("bootstrap.servers", bootstrap),
        TOPICS,
        Scale.EMBEDDED,
        new RegistryConfig("http://127.0.0.1:" + registry, null, null));
  }

  private static int closedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private Path secret(String name, String text, String permissions) throws IOException {
    Path file = Files.writeString(dir.resolve(name), text);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
  }

  private List<Finding> findings(String sources) throws IOException {
    write(onLoopback(sources));
    return examine().findings();
  }

  private static String onLoopback(String sources) {
    return "ingress: { host: 127.0.0.1 }\n  sources:\n" + sources.strip().indent(4);
  }

  private Path write(String installation) throws IOException {
    Path file = Files.writeString(dir.resolve("vestibule.yml"), "vestibule:\n  " + installation);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  private Diagnosis examine() {
    return examine(InstantSource.system(), null);
  }

  private Diagnosis examine(InstantSource clock, @Nullable Surroundings surroundings) {
    return new Doctor(dir.resolve("vestibule.yml"), dir, Map.of(), clock)
        .examine(config -> surroundings);
  }
}
