package dev.vestibule.sink.slack.vendor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vestibule.config.Secret;
import dev.vestibule.sink.slack.vendor.Transitions.Result;
import dev.vestibule.sink.slack.vendor.Transitions.Subject;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class TransitionsTest {
  private static final Secret TOKEN = new Secret("t0ken-of-essentry");
  private static final Subject SUBJECT = new Subject.CheckIn("4711");
  private static final Instant NOON = Instant.parse("2026-01-15T12:00:00Z");

  private FakeEssentry essentry;
  private Transitions transitions;

  @BeforeEach
  void open() throws IOException {
    essentry = new FakeEssentry();
    transitions = at(essentry.address(), Duration.ofSeconds(20));
  }

  @AfterEach
  void close() {
    transitions.close();
    essentry.close();
  }

  private static Transitions at(URI url, Duration timeout) {
    return new Transitions(url, TOKEN, timeout, () -> NOON);
  }

  private Result send() throws InterruptedException {
    return transitions.send(SUBJECT, "Approve");
  }

  @Test
  void callIsWhatEssentryDescribes() throws InterruptedException {
    assertThat(send()).isEqualTo(new Result.Done());

    assertThat(essentry.requests)
        .containsExactly(
            new FakeEssentry.Request(
                "POST",
                "/api/v2/check-ins/transitions",
                "Bearer t0ken-of-essentry",
                "application/json",
                "{\"eventName\":\"Approve\",\"checkIn\":{\"id\":4711}}"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "0 | 0",
        "999999999999999999 | 999999999999999999",
        "0143 | \"0143\"",
        "9999999999999999999 | \"9999999999999999999\"",
        "c-1 | \"c-1\"",
        "a\"},\"eventName\":\"b | \"a\\\"},\\\"eventName\\\":\\\"b\""
      })
  void idIsANumberWhereItIsOneAndElseAText(String id, String sent) throws InterruptedException {
    transitions.send(new Subject.CheckIn(id), "Übergabe \"1\"");

    assertThat(essentry.requests.getFirst().body())
        .isEqualTo("{\"eventName\":\"Übergabe \\\"1\\\"\",\"checkIn\":{\"id\":" + sent + "}}");
  }

  @Test
  void invitationIsNamedByTheCustomersOwnId() throws InterruptedException {
    transitions.send(new Subject.Invitation("inv-9001"), "Reject");

    assertThat(essentry.requests.getFirst().body())
        .isEqualTo("{\"eventName\":\"Reject\",\"invitation\":{\"sourceId\":\"inv-9001\"}}");
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 404, 405, 409, 410, 413, 415, 422})
  void whatEssentryDoesNotTakeIsRefused(int status) throws InterruptedException {
    essentry.answers(status);

    assertThat(send()).isEqualTo(new Result.Refused(status));
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403})
  void refusedTokenIsNotTheFaultOfTheCheckIn(int status) throws InterruptedException {
    essentry.answers(status);

    assertThat(send()).isEqualTo(new Result.Unauthorized(status));
  }

  @ParameterizedTest
  @ValueSource(ints = {500, 502, 503, 504})
  void failureAtEssentryIsInDoubt(int status) throws InterruptedException {
    essentry.answers(status);

    assertThat(send()).isEqualTo(new Result.InDoubt("http_" + status));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "429 | 7 | PT7S",
        "503 | 30 | PT30S",
        "429 | Thu, 15 Jan 2026 12:02:00 GMT | PT2M",
        "429 | Thu, 15 Jan 2026 11:00:00 GMT | PT0S",
        "429 | soon | ",
        "429 | 99999999999999 | ",
        "408 | | "
      })
  void whoSaysWhenIsLeftAloneUntilThen(int status, String value, Duration after)
      throws InterruptedException {
    essentry.answers(status, "Retry-After", value == null ? "" : value);

    assertThat(send()).isEqualTo(new Result.Retry(after, "http_" + status));
  }

  @Test
  void lostAnswerIsInDoubtAndNothingIsRepeated() throws InterruptedException {
    essentry.answers(_ -> {});

    assertThat(send()).isEqualTo(new Result.InDoubt("no_answer"));
    assertThat(essentry.requests).hasSize(1);
  }

  @Test
  void silenceIsInDoubt() throws InterruptedException {
    essentry.isSilent();
    try (Transitions impatient = at(essentry.address(), Duration.ofMillis(500))) {
      assertThat(impatient.send(SUBJECT, "Approve")).isEqualTo(new Result.InDoubt("no_answer"));
    }
    assertThat(essentry.requests).hasSize(1);
  }

  @Test
  void whereNobodyListensNothingWasDone() throws InterruptedException {
    URI address = essentry.address();
    essentry.close();
    try (Transitions alone = at(address, Duration.ofSeconds(5))) {
      assertThat(alone.send(SUBJECT, "Approve")).isEqualTo(new Result.Retry(null, "no_connection"));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 307, 308})
  void tokenIsNotTakenToWhereARedirectLeads(int status) throws Exception {
    try (FakeEssentry elsewhere = new FakeEssentry()) {
      essentry.answers(status, "Location", elsewhere.address().toString());

      assertThat(send()).isEqualTo(new Result.Refused(status));
      assertThat(elsewhere.requests).isEmpty();
      assertThat(essentry.requests).hasSize(1);
    }
  }

  @Test
  void bodyWithoutEndIsNotRead() throws InterruptedException {
    essentry.answers(exchange -> {
      exchange.sendResponseHeaders(200, 0);
      OutputStream out = exchange.getResponseBody();
      byte[] chunk = new byte[64 << 10];
      while (true) {
        out.write(chunk);
      }
    });

    assertThat(send()).isEqualTo(new Result.Done());
    assertThat(send()).isEqualTo(new Result.Done());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://app.essentry.com/api",
        "http://127.0.0.1.evil.example/",
        "https://user:word@app.essentry.com/",
        "ftp://127.0.0.1/",
        "https:/nowhere",
        "/api"
      })
  void tokenIsNotSentInTheOpen(String url) {
    assertThatThrownBy(() -> at(URI.create(url), Duration.ofSeconds(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected https")
        .hasMessageNotContaining(TOKEN.reveal());
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\nb", "a b", "ä", "a\u0000"})
  void tokenThatCannotBeSentIsNotQuoted(String token) {
    assertThatThrownBy(() ->
            new Transitions(
                Transitions.ESSENTRY, new Secret(token), Duration.ofSeconds(1), () -> NOON))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected visible ASCII")
        .hasMessageNotContaining(token);
  }

  @Test
  void tokenIsNotPrinted() {
    assertThat(transitions.toString()).isEqualTo("Transitions[127.0.0.1]");
  }
}
