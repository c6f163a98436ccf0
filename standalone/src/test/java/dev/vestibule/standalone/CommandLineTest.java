package dev.vestibule.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CommandLineTest {
  @TempDir Path dir;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "dance",
        "tail",
        "tail a b",
        "tail a --max many",
        "up --port eighty",
        "up --no-such-flag",
        "ingress",
        "send --source s",
        "send --source s --file f --sample n",
        "sql",
        "visit",
        "visit a b",
        "dead-letters",
        "dead-letters show",
        "dead-letters list --max many",
        "dead-letters replay",
        "policies",
        "policies check",
        "policies try p.yml",
        "watchlist",
        "watchlist import",
        "watchlist remove",
        "sql --format xml SELECT"
      })
  void wrongUsageIsExitCodeTwoAndSaysHow(String line) {
    int code = run(line.isEmpty() ? new String[0] : line.split(" "));

    assertThat(code).isEqualTo(2);
    assertThat(text(err)).contains("Usage: vestibule");
    assertThat(text(out)).isEmpty();
  }

  @Test
  void helpListsTheCommands() {
    assertThat(run("--help")).isZero();
    assertThat(text(out))
        .contains(
            "up",
            "ingress",
            "normalizer",
            "deduper",
            "sink-warehouse",
            "sink-access-control",
            "sink-slack",
            "send",
            "tail",
            "sql",
            "dead-letters",
            "policies",
            "watchlist");
  }

  @Test
  void aBrokenConfigurationIsOneLineThatNamesKeyAndValue() throws Exception {
    Path config =
        Files.writeString(
            dir.resolve("broken.yml"),
            "vestibule: { sources: { desk: { vendor: envoi, secrets: [\"s3cret\"] } } }\n");

    int code = run("up", "--config", config.toString(), "--data-dir", dir.resolve("d").toString());

    assertThat(code).isEqualTo(78);
    assertThat(text(err).lines()).hasSize(1);
    assertThat(text(err)).contains("sources.desk.vendor", "envoi").doesNotContain("s3cret");
  }

  @Test
  void aConfigurationThatIsNotThereIsOneLine() {
    int code = run("up", "--config", "nowhere.yml", "--data-dir", dir.resolve("d").toString());

    assertThat(code).isEqualTo(78);
    assertThat(text(err))
        .isEqualTo(
            "vestibule: configuration: --config: 'nowhere.yml' is no file; expected a YAML file\n");
  }

  @Test
  void theDoctorNamesWhatWhereAndTheRemedyAndExitsWithOne() throws Exception {
    Path config =
        Files.writeString(
            dir.resolve("v.yml"),
            "vestibule: { sources: { desk: { vendor: kyberaccess, secrets: [\"s3cret\"] } } }\n");
    String[] line = {"doctor", "--config", config.toString(), "--data-dir", dir.toString()};

    assertThat(run(line)).isEqualTo(1);
    assertThat(text(out))
        .contains("weak-secret", "sources.desk.secrets[0]", "-> take a random one", "plain-http")
        .contains("not looked at: Kafka")
        .doesNotContain("s3cret");

    out.reset();
    assertThat(run(line[0], line[1], line[2], line[3], line[4], "--json")).isEqualTo(1);
    assertThat(text(out))
        .startsWith("{\"ok\":false,\"findings\":[{\"check\":\"")
        .contains("\"where\":\"ingress.host\"")
        .hasLineCount(1);
  }

  @Test
  void theDoctorIsContentWithASoundInstallation() throws Exception {
    Path config =
        Files.writeString(
            dir.resolve("v.yml"),
            "vestibule: { ingress: { host: 127.0.0.1 }, sources: { desk: { vendor: kyberaccess,"
                + " secrets: [9f2c41d07be85a6613f0ce7d24ab98e5] } } }\n");
    Files.setPosixFilePermissions(config, PosixFilePermissions.fromString("rw-------"));
    String[] line = {"doctor", "--config", config.toString(), "--data-dir", dir.toString()};

    assertThat(run(line)).as(text(out)).isZero();
    assertThat(text(out)).contains("all is well");
  }

  @Test
  void aServiceWithoutKafkaAddressDoesNotStart() throws Exception {
    Path config =
        Files.writeString(
            dir.resolve("v.yml"),
            "vestibule: { sources: { desk: { vendor: envoy, secrets: [\"s3cret-s3cret\"] } } }\n");

    int code = run("normalizer", "--config", config.toString(), "--data-dir", dir.toString());

    assertThat(code).isEqualTo(78);
    assertThat(text(err)).contains("vestibule.kafka.bootstrap.servers: is missing");
  }

  @Test
  void aFolderInUseIsRefused() {
    try (DataFolder held = DataFolder.lock(dir)) {
      int code = run("up", "--data-dir", dir.toString());

      assertThat(code).isEqualTo(1);
      assertThat(text(err))
          .contains("data folder " + held.path() + " is in use by another vestibule")
          .hasLineCount(1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"--port", "--admin-port", "--kafka-port", "--registry-port"})
  void aTakenPortIsOneLineThatNamesPortAndFlag(String flag) throws Exception {
    try (ServerSocket squatter = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      String port = Integer.toString(squatter.getLocalPort());
      Path config =
          Files.writeString(
              dir.resolve("v.yml"),
              "vestibule: { ingress: { port: 0, admin-port: 0 },"
                  + " sources: { desk: { vendor: envoy, secrets: [\"s3cret-s3cret\"] } } }\n");
      String[] command = {
        "up",
        "--config",
        config.toString(),
        "--data-dir",
        dir.resolve("d").toString(),
        "--kafka-port=0",
        "--registry-port=0",
        "--port=0",
        "--admin-port=0"
      };
      for (int i = 0; i < command.length; i++) {
        if (command[i].equals(flag + "=0")) {
          command[i] = flag + "=" + port;
        }
      }

      int code = run(command);

      assertThat(code).isEqualTo(1);
      assertThat(text(err)).contains("port " + port).contains(flag).hasLineCount(1);
      assertThat(text(out)).isEmpty();
    }
  }

  @Test
  void sqlWithoutARunningInstallationSaysSo() {
    int code = run("sql", "--data-dir", dir.toString(), "SELECT 1");

    assertThat(code).isEqualTo(1);
    assertThat(text(err)).startsWith("vestibule: no `vestibule up` runs on data folder " + dir);
  }

  @Test
  void visitWithoutARunningInstallationSaysSo() {
    int code = run("visit", "--data-dir", dir.toString(), "4711");

    assertThat(code).isEqualTo(1);
    assertThat(text(err))
        .startsWith("vestibule: no `vestibule up` runs on data folder " + dir)
        .contains("--config");
  }

  @Test
  void whatAKilledProcessLeftBehindCountsAsNone() throws Exception {
    Files.writeString(
        dir.resolve("run.json"),
        "{\"pid\":1,\"started\":\"1999-01-01T00:00:00Z\",\"ingress\":\"http://127.0.0.1:1\","
            + "\"admin\":\"http://127.0.0.1:1\",\"kafka\":\"127.0.0.1:1\","
            + "\"registry\":\"http://127.0.0.1:1\",\"token\":\"t\"}");

    assertThat(RunFile.find(dir)).isEmpty();
  }

  private int run(String... args) {
    return Vestibule.run(stream(out), stream(err), args);
  }

  private static PrintStream stream(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }

  private static String text(ByteArrayOutputStream bytes) {
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
