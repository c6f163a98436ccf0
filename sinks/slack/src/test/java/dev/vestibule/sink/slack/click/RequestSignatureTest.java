package dev.vestibule.sink.slack.click;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.vestibule.config.Secret;
import dev.vestibule.sink.slack.click.RequestSignature.Verdict;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestSignatureTest {
  private static final Secret SECRET = new Secret("8f742231b10e8888abcd99yyyzzz85a5");
  private static final String BODY =
      "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow"
          + "&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner"
          + "&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com"
          + "%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
          + "&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
  private static final String TIME = "1531420618";
  private static final String SIGNATURE =
      "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";
  private static final Instant THEN = Instant.ofEpochSecond(1531420618);

  private final RequestSignature signature = new RequestSignature(List.of(SECRET));

  private Verdict verify(String time, String given, String body, Instant now) {
    return signature.verify(
        List.of(time), List.of(given), body.getBytes(StandardCharsets.UTF_8), now);
  }

  @Test
  void vectorOfSlacksDocumentationIsGenuine() {
    assertThat(verify(TIME, SIGNATURE, BODY, THEN)).isEqualTo(Verdict.GENUINE);
  }

  @Test
  void secondVectorIsGenuine() {
    assertThat(
            verify(
                "1768469400",
                "v0=a4b1fa10b9b56bf7591f5140cdf5df6bd672fccdb456b063b9993b801b693c8f",
                "payload=%7B%22type%22%3A%22block_actions%22%7D",
                Instant.ofEpochSecond(1768469400)))
        .isEqualTo(Verdict.GENUINE);
  }

  @Test
  void anySecretOfARotationFits() {
    RequestSignature rotating =
        new RequestSignature(List.of(new Secret("old"), SECRET, new Secret("new")));

    assertThat(
            rotating.verify(
                List.of(TIME), List.of(SIGNATURE), BODY.getBytes(StandardCharsets.UTF_8), THEN))
        .isEqualTo(Verdict.GENUINE);
  }

  @ParameterizedTest
  @CsvSource({"-301, FUTURE", "-300, GENUINE", "300, GENUINE", "301, STALE"})
  void timeMayBeFiveMinutesOffInBothDirections(int seconds, Verdict verdict) {
    assertThat(verify(TIME, SIGNATURE, BODY, THEN.plusSeconds(seconds))).isEqualTo(verdict);
  }

  @Test
  void oneChangedByteIsAMismatch() {
    assertThat(verify(TIME, SIGNATURE, BODY + " ", THEN)).isEqualTo(Verdict.SIGNATURE_MISMATCH);
    assertThat(verify("1531420619", SIGNATURE, BODY, THEN)).isEqualTo(Verdict.SIGNATURE_MISMATCH);
    assertThat(verify(TIME, SIGNATURE.replace('3', '4'), BODY, THEN))
        .isEqualTo(Verdict.SIGNATURE_MISMATCH);
    assertThat(
            new RequestSignature(List.of(new Secret("other")))
                .verify(
                    List.of(TIME), List.of(SIGNATURE), BODY.getBytes(StandardCharsets.UTF_8), THEN))
        .isEqualTo(Verdict.SIGNATURE_MISMATCH);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", " 1531420618", "+1531420618", "1531420618.0", "١٥٣١٤٢٠٦١٨", "-1", "1"})
  void timeIsPlainDigits(String time) {
    assertThat(verify(time, SIGNATURE, BODY, THEN)).isEqualTo(Verdict.MALFORMED_TIMESTAMP);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "v0=",
        "a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
        "v1=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
        "v0=A2114D57B48EAC39B9AD189DD8316235A7B4A8D21A10BD27519666489C69B503",
        "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503\n"
      })
  void signatureHasOneSpelling(String given) {
    assertThat(verify(TIME, given, BODY, THEN)).isEqualTo(Verdict.MALFORMED_SIGNATURE);
  }

  @Test
  void eachHeaderComesExactlyOnce() {
    byte[] body = BODY.getBytes(StandardCharsets.UTF_8);

    assertThat(signature.verify(List.of(), List.of(SIGNATURE), body, THEN))
        .isEqualTo(Verdict.MISSING_HEADER);
    assertThat(signature.verify(List.of(TIME), List.of(), body, THEN))
        .isEqualTo(Verdict.MISSING_HEADER);
    assertThat(signature.verify(List.of(TIME, TIME), List.of(SIGNATURE), body, THEN))
        .isEqualTo(Verdict.REPEATED_HEADER);
    assertThat(signature.verify(List.of(TIME), List.of(SIGNATURE, SIGNATURE), body, THEN))
        .isEqualTo(Verdict.REPEATED_HEADER);
  }

  @Test
  void withoutASecretNothingIsVerified() {
    assertThatIllegalArgumentException().isThrownBy(() -> new RequestSignature(List.of()));
  }
}
