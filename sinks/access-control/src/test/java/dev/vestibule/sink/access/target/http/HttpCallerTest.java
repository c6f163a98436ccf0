package dev.vestibule.sink.access.target.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.vestibule.config.ConfigException;
import dev.vestibule.sink.access.target.FakeServer;
import dev.vestibule.sink.access.target.Fault;
import dev.vestibule.sink.access.target.TargetException;
import dev.vestibule.sink.access.target.TargetException.Kind;
import dev.vestibule.sink.access.target.TestCertificate;
import dev.vestibule.sink.access.target.http.Trust.Pem;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpCallerTest {
  private static final Instant NOW = Instant.parse("2026-01-15T09:00:00Z");
  private static final Timeouts PATIENT = Timeouts.ofSeconds(10, 20);
  private static final JsonWindows WINDOWS = new JsonWindows("from", "until", "door");

  private final AtomicInteger turns = new AtomicInteger();
  private FakeServer server;
  private HttpCaller caller;
  private byte[] answer = {};

  @BeforeEach
  void start() {
    server =
        new FakeServer() {
          @Override
          protected Reply answer(Request request) {
            return new Reply(200, Map.of(), answer);
          }
        };
    caller = caller(PATIENT);
  }

  @AfterEach
  void stop() {
    caller.close();
    server.close();
  }

  private HttpCaller caller(Timeouts timeouts) {
    return new HttpCaller(timeouts, null, turns::incrementAndGet, InstantSource.fixed(NOW));
  }

  private Call call(String method) {
    return new Call(
        "test: do it",
        method,
        server.address(),
        Map.of(),
        method.equals("GET") ? null : new byte[] {'x'},
        !method.equals("GET"));
  }

  private TargetException failure(Call call) {
    TargetException failure = catchThrowableOfType(TargetException.class, () -> caller.send(call));
    assertThat(failure).isNotNull();
    return failure;
  }

  @Test
  void everyCallWaitsForItsTurnButWhatCannot() throws Exception {
    caller.send(call("GET"));
    caller.send(call("POST"));
    caller.sendAtOnce(call("POST"));

    assertThat(turns).hasValue(2);
  }

  @ParameterizedTest
  @CsvSource({
    "GET, RETRY",
    "POST, AMBIGUOUS",
    "PUT, AMBIGUOUS",
    "PATCH, AMBIGUOUS",
    "DELETE, AMBIGUOUS"
  })
  void aConnectionThatIsLostLeavesADoubtOnlyAboutChanges(String method, Kind kind) {
    server.strike(request -> true);
    server.fail(new Fault.Hangup(true), new Fault.Hangup(true));

    assertThat(failure(call(method)).kind()).isEqualTo(kind);
  }

  @Test
  void aChangeIsNeverSentTwice() {
    server.fail(new Fault.Hangup(true));
    failure(call("POST"));

    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void whatWasNeverSentIsNoDoubt() throws Exception {
    int free;
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = taken.getLocalPort();
    }
    for (String nowhere :
        new String[] {"http://127.0.0.1:" + free, "http://no.such.host.invalid"}) {
      Call call = new Call("test: do it", "POST", URI.create(nowhere), Map.of(), null, true);
      assertThat(failure(call).kind()).as(nowhere).isEqualTo(Kind.RETRY);
    }
  }

  @Test
  void anAnswerThatDripsDoesNotKeepACallBeyondItsTime() throws Exception {
    try (ServerSocket dripping = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        HttpCaller impatient =
            caller(new Timeouts(Duration.ofSeconds(10), Duration.ofMillis(600)))) {
      Thread.ofVirtual().start(() -> drip(dripping));
      Call call =
          new Call(
              "test: do it",
              "POST",
              URI.create("http://127.0.0.1:" + dripping.getLocalPort()),
              Map.of(),
              new byte[0],
              true);

      assertThatThrownBy(() -> impatient.send(call))
          .isInstanceOfSatisfying(
              TargetException.class, e -> assertThat(e.kind()).isEqualTo(Kind.AMBIGUOUS))
          .hasMessage("test: do it had no answer within PT0.6S");
    }
  }

  private static void drip(ServerSocket listening) {
    try (Socket socket = listening.accept();
        OutputStream out = socket.getOutputStream()) {
      out.write(
          "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      while (true) {
        out.write('.');
        out.flush();
        Thread.sleep(20);
      }
    } catch (IOException | InterruptedException e) {
      // The client has had enough.
    }
  }

  @Test
  void anAnswerTooLargeIsNotRead() {
    answer = new byte[(4 << 20) + 1];

    assertThat(failure(call("GET")).kind()).isEqualTo(Kind.RETRY);
    assertThat(failure(call("POST")).kind()).isEqualTo(Kind.AMBIGUOUS);
  }

  @Test
  void anAnswerThatIsNoJsonIsNotQuoted() throws Exception {
    answer = "<html>Adalind".getBytes(StandardCharsets.UTF_8);

    assertThatThrownBy(() -> caller.send(call("POST")).json())
        .isInstanceOfSatisfying(
            TargetException.class, e -> assertThat(e.kind()).isEqualTo(Kind.AMBIGUOUS))
        .hasMessage("test: do it answered with what is no JSON (200)")
        .hasNoCause();
    answer = new byte[0];
    assertThatThrownBy(() -> caller.send(call("GET")).json())
        .isInstanceOfSatisfying(
            TargetException.class, e -> assertThat(e.kind()).isEqualTo(Kind.RETRY));
  }

  @ParameterizedTest
  @CsvSource({
    "302, REJECTED",
    "400, REJECTED",
    "401, AUTH",
    "403, AUTH",
    "404, REJECTED",
    "408, RETRY",
    "409, REJECTED",
    "429, RETRY",
    "500, AMBIGUOUS",
    "502, AMBIGUOUS",
    "503, RETRY",
    "504, AMBIGUOUS"
  })
  void aStatusSaysWhatIsToBeDone(int status, Kind kind) throws Exception {
    server.fail(Fault.Status.of(status));

    assertThat(caller.send(call("POST")).failure().kind()).isEqualTo(kind);
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "null",
      delimiter = '|',
      value = {
        "0 | PT0S",
        "120 | PT2M",
        "Thu, 15 Jan 2026 09:00:30 GMT | PT30S",
        "Thu, 15 Jan 2026 08:00:00 GMT | PT0S",
        "soon | null",
        "-5 | null",
        "1.5 | null",
        "99999999999999999999 | null"
      })
  void aServerSaysHowLongInEitherForm(String header, @Nullable String expected) throws Exception {
    server.fail(new Fault.Status(429, header, false));

    TargetException failure = caller.send(call("POST")).failure();

    assertThat(failure.retryAfter()).isEqualTo(expected == null ? null : Duration.parse(expected));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'from':'2026-01-15T09:00:00Z'}",
        "{'from':'2026-01-15T09:00:00Z','until':''}",
        "{'from':'2026-01-15T09:00:00Z','until':' '}",
        "{'from':'2026-01-15T09:00:00Z','until':null}",
        "{'until':0}",
        "{'until':-1}",
        "{'until':true}",
        "{'door':1}",
        "{'a':[{'b':{'door':1,'from':1}}]}"
      })
  void whatDoesNotEndIsNotWritten(String json) throws Exception {
    assertThatThrownBy(() -> WINDOWS.written(new ObjectMapper().readTree(json.replace('\'', '"'))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("has no until; not sent");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{'from':1,'until':2,'door':3}", "{'a':[{'until':'x'}]}", "{'other':1}"})
  void whatEndsIsWritten(String json) throws Exception {
    String text = json.replace('\'', '"');

    assertThat(
            new String(WINDOWS.written(new ObjectMapper().readTree(text)), StandardCharsets.UTF_8))
        .isEqualTo(text);
  }

  @Test
  void filesThatAreNoCertificatesAreNamed(@TempDir Path folder) throws Exception {
    Path empty = Files.writeString(folder.resolve("empty.pem"), "nothing");
    TestCertificate certificate = TestCertificate.of("ip:127.0.0.1");

    assertThatThrownBy(() -> Trust.of(new Pem("trust", folder.resolve("none.pem")), null, null))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("trust: file '")
        .hasMessageContaining("none.pem' cannot be read");
    assertThatThrownBy(() -> Trust.of(new Pem("trust", empty), null, null))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("holds no certificate");
    assertThatThrownBy(
            () -> Trust.of(null, certificate.certificate("certificate"), new Pem("key", empty)))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("key: file '")
        .hasMessageContaining("holds no plain PKCS#8 key");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://10.0.0.1",
        "https://a:b@x.example",
        "https://x.example?a",
        "x",
        "https:///y",
        "http://127.evil.example"
      })
  void anAddressThatIsNoneIsRefused(String text) {
    assertThatThrownBy(() -> TargetSettings.address("key", text))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("key: '" + text + "' is no address");
  }

  @Test
  void anAddressMayEndInASlash() {
    assertThat(TargetSettings.address("key", "https://x.example/v1/"))
        .hasToString("https://x.example/v1");
    assertThat(TargetSettings.address("key", "http://127.0.0.1:80")).hasPort(80);
  }
}
