package dev.vestibule.ingress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.read.ListAppender;
import dev.vestibule.config.ConfigLoader;
import dev.vestibule.config.ScreenConfig;
import dev.vestibule.config.SourceConfig;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.ingress.decision.HookBody;
import dev.vestibule.ingress.decision.envoy.FakeEnvoy;
import dev.vestibule.ingress.decision.envoy.FakeEnvoy.Trouble.Says;
import dev.vestibule.ingress.decision.envoy.FakeEnvoy.Trouble.Status;
import dev.vestibule.ingress.publish.RawRecord;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Set-up calls over HTTP, and what Envoy hears of them. */
class SetUpTest {
  private static final String CLIENT_SECRET = "client-secret-4711";
  private static final byte[] STEP = step("1000000");

  private final FakeEnvoy envoy = new FakeEnvoy(CLIENT_SECRET, InstantSource.fixed(Ingress.NOW));

  @AfterEach
  void stop() {
    envoy.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"1000000", "\"i-7\""})
  void aGenuineStepRegistersItsInstallation(String installId) {
    try (Ingress ingress = Ingress.with(registering())) {
      HttpResponse<String> answer = setUp(ingress, step(installId));

      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo("{}");
      assertThat(envoy.purposes())
          .isEqualTo(Map.of(installId.replace("\"", ""), "identity-verification"));
      assertThat(ingress.count("registrations", "outcome", "registered")).isEqualTo(1);
      assertThat(ingress.count("ignored", "reason", "setup")).isEqualTo(1);
    }
  }

  @Test
  void aForgedStepReachesNobody() {
    try (Ingress ingress = Ingress.with(registering())) {
      assertThat(ingress.post("/hooks/hq-envoy/setup", STEP).statusCode()).isEqualTo(401);
      assertThat(envoy.requests()).isEmpty();
    }
  }

  @Test
  void withoutAPluginNothingIsRegistered() {
    try (Ingress ingress = Ingress.with(Signed.envoy().withScreen(ScreenConfig.DEFAULT))) {
      assertThat(setUp(ingress, STEP).statusCode()).isEqualTo(200);
      assertThat(ingress.count("registrations")).isZero();
    }
  }

  @Test
  void aStepThatCouldNotBeRegisteredStopsWithAMessageForWhoTakesIt() {
    try (Ingress ingress = Ingress.with(registering())) {
      envoy.troublePurposes(new Status(429, "Retry-After", "60"));
      HttpResponse<String> busy = setUp(ingress, STEP);
      HttpResponse<String> nameless = setUp(ingress, Signed.utf8("{\"meta\":{}}"));
      HttpResponse<String> unreadable = setUp(ingress, Signed.utf8("no json"));
      HttpResponse<String> path = setUp(ingress, step("\"../1\""));
      HttpResponse<String> again = setUp(ingress, STEP);

      assertThat(busy.statusCode()).isEqualTo(503);
      assertThat(busy.headers().firstValue("Content-Type")).contains("application/json");
      assertThat(busy.body())
          .isEqualTo(
              "{\"message\":\"Vestibule: Envoy did not turn on checks of visitors just now."
                  + " Please try again in a minute.\"}");
      assertThat(List.of(nameless, unreadable, path))
          .extracting(HttpResponse::statusCode)
          .containsOnly(503);
      assertThat(nameless.body()).contains("did not say which installation");
      assertThat(again.statusCode()).isEqualTo(200);
      assertThat(ingress.count("registrations", "outcome", "unavailable")).isEqualTo(1);
      assertThat(ingress.count("registrations", "outcome", "no_installation")).isEqualTo(3);
      assertThat(ingress.count("unavailable", "reason", "registration")).isEqualTo(4);
    }
  }

  @Test
  void aRotatedClientSecretIsTakenOver(@TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve("client.secret"), CLIENT_SECRET);
    Files.writeString(
        folder.resolve("vestibule.yml"),
        """
        vestibule:
          ingress: { host: 127.0.0.1, port: 0 }
          sources:
            hq-envoy:
              vendor: envoy
              secrets: ["%s"]
              spool: false
              screen:
                plugin: { client-id: %s, client-secret: { file: client.secret }, base-url: "%s" }
        """
            .formatted(Signed.SECRET, FakeEnvoy.CLIENT_ID, envoy.url()));
    try (Ingress ingress = Ingress.of(load(folder), folder, () -> load(folder))) {
      assertThat(setUp(ingress, STEP).statusCode()).isEqualTo(200);
      envoy.rotate("another-secret");
      envoy.revoke();
      assertThat(setUp(ingress, STEP).body()).contains("does not accept this app's credentials");

      Files.writeString(folder.resolve("client.secret"), "another-secret");
      await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> ingress.count("reload", "outcome", "applied") == 1);
      assertThat(setUp(ingress, STEP).statusCode()).isEqualTo(200);
    }
  }

  /** Everything that can happen, at the most talkative level there is. */
  @Test
  void noSecretAndNoTokenIsLoggedOrPublished() {
    List<String> lines = Collections.synchronizedList(new ArrayList<>());
    try (AutoCloseable _ = capture(lines);
        Ingress ingress = Ingress.with(registering())) {
      setUp(ingress, STEP);
      envoy.revoke();
      setUp(ingress, STEP);
      envoy.troublePurposes(new Status(401), new Status(401), new Status(500), new Status(403));
      setUp(ingress, STEP);
      setUp(ingress, STEP);
      envoy.revoke();
      envoy.troubleTokens(new Says("{\"access_token\":\"access-token-x\\r\\n\",\"expires_in\":9}"));
      setUp(ingress, STEP);
      envoy.rotate("other");
      setUp(ingress, STEP);
      setUp(ingress, step("\"../access-token-y\""));
      byte[] call = HookBody.entry("19", "Jane Doe", "143");
      ingress.post("/hooks/hq-envoy/screen", call, "X-Envoy-Signature", Signed.base64(call));
      await().until(() -> ingress.publisher.records().size() >= 2);
      for (RawRecord record : ingress.publisher.records()) {
        lines.add(record.key() + record.headers() + new String(record.value(), UTF_8));
      }
    } catch (Exception e) {
      throw new AssertionError(e);
    }

    assertThat(envoy.requests()).hasSizeGreaterThan(10);
    assertThat(lines).hasSizeGreaterThan(100);
    String pair = FakeEnvoy.CLIENT_ID + ":" + CLIENT_SECRET;
    List<String> secrets = new ArrayList<>(envoy.issued());
    secrets.addAll(
        List.of(
            CLIENT_SECRET,
            Base64.getEncoder().encodeToString(pair.getBytes(UTF_8)),
            Signed.SECRET,
            "access-token",
            "refresh-token",
            "from-the-oauth-step"));
    assertThat(lines)
        .allSatisfy(line -> assertThat(line).doesNotContain(secrets.toArray(String[]::new)));
  }

  private static AutoCloseable capture(List<String> lines) {
    Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    Level before = root.getLevel();
    Appender<ILoggingEvent> appender =
        new ListAppender<>() {
          @Override
          protected void append(ILoggingEvent event) {
            lines.add(
                event.getFormattedMessage()
                    + event.getKeyValuePairs()
                    + event.getMDCPropertyMap()
                    + (event.getThrowableProxy() == null
                        ? ""
                        : ThrowableProxyUtil.asString(event.getThrowableProxy())));
          }
        };
    List<Appender<ILoggingEvent>> others = new ArrayList<>();
    root.iteratorForAppenders().forEachRemaining(others::add);
    others.forEach(root::detachAppender);
    appender.start();
    root.addAppender(appender);
    root.setLevel(Level.TRACE);
    java.util.logging.Logger jdk = java.util.logging.Logger.getLogger("");
    java.util.logging.Level jdkBefore = jdk.getLevel();
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord line) {
            lines.add(
                line.getMessage()
                    + List.of(line.getParameters() == null ? new Object[0] : line.getParameters())
                    + line.getThrown());
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    handler.setLevel(java.util.logging.Level.ALL);
    jdk.addHandler(handler);
    jdk.setLevel(java.util.logging.Level.ALL);
    return () -> {
      jdk.removeHandler(handler);
      jdk.setLevel(jdkBefore);
      root.setLevel(before);
      root.detachAppender(appender);
      others.forEach(root::addAppender);
    };
  }

  private SourceConfig registering() {
    return Signed.envoy().withScreen(ScreenConfig.DEFAULT.withPlugin(envoy.plugin()));
  }

  private static byte[] step(String installId) {
    return Signed.utf8(
        "{\"meta\":{\"route\":\"validation\",\"install_id\":"
            + installId
            + ",\"auth\":{\"access_token\":\"from-the-oauth-step\"}},"
            + "\"payload\":{\"access_token\":\"from-the-oauth-step\"}}");
  }

  private static HttpResponse<String> setUp(Ingress ingress, byte[] body) {
    return ingress.post("/hooks/hq-envoy/setup", body, "X-Envoy-Signature", Signed.base64(body));
  }

  private static VestibuleConfig load(Path folder) {
    return ConfigLoader.load(folder.resolve("vestibule.yml"), folder, Map.of());
  }
}
