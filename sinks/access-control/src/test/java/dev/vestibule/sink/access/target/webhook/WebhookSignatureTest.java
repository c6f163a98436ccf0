package dev.vestibule.sink.access.target.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.Headers;
import dev.vestibule.config.ConfigException;
import dev.vestibule.config.Secret;
import dev.vestibule.sink.access.target.webhook.WebhookVerifier.Verdict;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WebhookSignatureTest {
  private static final String HMAC = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
  private static final String OTHER_HMAC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  private static final String PRIVATE = "whsk_nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
  private static final String PUBLIC = "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
  private static final String ID = "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk";
  private static final Instant AT = Instant.ofEpochSecond(1649367553);
  private static final byte[] BODY =
      utf8("{\"email\":\"test@example.com\",\"username\":\"test_user\"}");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw       | msg_p5jXN8AQM9LWM0D4loKWxJek    | 1614265330 | {"test": 2432232314}                                | v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=
          whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD       | msg_27UH4WbU6Z5A5EzD8u03UvzRbpk | 1649367553 | {"email":"test@example.com","username":"test_user"} | v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=
          whsk_nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A= | msg_27UH4WbU6Z5A5EzD8u03UvzRbpk | 1649367553 | {"email":"test@example.com","username":"test_user"} | v1a,jfp5j4J3Buv9EPOcc9Bqo8rJqAO1H6lrRl0WZQdzVZI6IttNPT8HSLyPvUvY54dJJt2BQGA01di1ePvigCwlCw==
          """)
  void knownMessagesHaveTheirKnownSignatures(
      String key, String id, long timestamp, String body, String signature) {
    assertThat(signed(key).headers(id, Instant.ofEpochSecond(timestamp), utf8(body)))
        .containsEntry("webhook-id", id)
        .containsEntry("webhook-timestamp", Long.toString(timestamp))
        .containsEntry("webhook-signature", signature);
  }

  @Test
  void allKeysSignDuringARotation() {
    Map<String, String> headers = signed(HMAC, OTHER_HMAC, PRIVATE).headers(ID, AT, BODY);

    assertThat(headers)
        .hasEntrySatisfying(
            "webhook-signature", signatures -> assertThat(signatures.split(" ")).hasSize(3));
    for (String key : List.of(HMAC, OTHER_HMAC, PUBLIC)) {
      assertThat(new WebhookVerifier(List.of(key)).verify(http(headers), BODY, AT))
          .isEqualTo(Verdict.GOOD);
    }
  }

  @Test
  void aPrivateKeyMayCarryItsPublicHalf() {
    byte[] seed = Base64.getDecoder().decode(PRIVATE.substring("whsk_".length()));
    byte[] both = Arrays.copyOf(seed, 64);
    String key = "whsk_" + Base64.getEncoder().encodeToString(both);

    assertThat(signed(key).headers(ID, AT, BODY)).isEqualTo(signed(PRIVATE).headers(ID, AT, BODY));
  }

  @Test
  void aReceiverRefusesWhatItShould() {
    Headers good = http(signed(HMAC).headers(ID, AT, BODY));
    WebhookVerifier receiver = new WebhookVerifier(List.of(HMAC, PUBLIC));

    assertThat(receiver.verify(good, BODY, AT)).isEqualTo(Verdict.GOOD);
    assertThat(receiver.verify(good, BODY, AT.plusSeconds(300))).isEqualTo(Verdict.GOOD);
    assertThat(receiver.verify(good, BODY, AT.plusSeconds(301))).isEqualTo(Verdict.STALE);
    assertThat(receiver.verify(good, BODY, AT.minusSeconds(301))).isEqualTo(Verdict.STALE);
    assertThat(receiver.verify(good, utf8("{}"), AT)).isEqualTo(Verdict.MISMATCH);
    assertThat(new WebhookVerifier(List.of(OTHER_HMAC)).verify(good, BODY, AT))
        .isEqualTo(Verdict.MISMATCH);
    assertThat(receiver.verify(with(good, "v1,"), BODY, AT)).isEqualTo(Verdict.MISMATCH);
    assertThat(receiver.verify(with(good, "v2,abcd"), BODY, AT))
        .isEqualTo(Verdict.NO_KNOWN_VERSION);
    assertThat(
            receiver.verify(
                with(good, "v1,AAAA v2,x " + good.getFirst("webhook-signature")), BODY, AT))
        .isEqualTo(Verdict.GOOD);
  }

  @ParameterizedTest
  @ValueSource(strings = {"webhook-id", "webhook-timestamp", "webhook-signature"})
  void aReceiverRefusesAMessageThatLacksAHeader(String missing) {
    Headers headers = http(signed(HMAC).headers(ID, AT, BODY));
    headers.remove(missing);

    assertThat(new WebhookVerifier(List.of(HMAC)).verify(headers, BODY, AT))
        .isEqualTo(Verdict.MISSING_HEADER);
  }

  @Test
  void namesOfHeadersMayBeWrittenInAnyCase() {
    Headers headers = new Headers();
    signed(HMAC)
        .headers(ID, AT, BODY)
        .forEach((name, value) -> headers.set(name.replace("webhook", "WebHook"), value));

    assertThat(new WebhookVerifier(List.of(HMAC)).verify(headers, BODY, AT))
        .isEqualTo(Verdict.GOOD);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "whsec_c2hvcnQ=",
        "whsec_!!!",
        "whsk_c2hvcnQ=",
        "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
        "C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
      })
  void aKeyThatIsNoneIsRefusedWithoutQuotingIt(String key) {
    assertThatThrownBy(() -> SigningKey.of("doors.signing-keys[0]", new Secret(key)))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("doors.signing-keys[0]: is no signing key; expected whsec_")
        .hasMessageNotContaining(key);
  }

  private static WebhookSignature signed(String... keys) {
    return new WebhookSignature(
        Arrays.stream(keys).map(key -> SigningKey.of("keys", new Secret(key))).toList());
  }

  private static Headers http(Map<String, String> map) {
    Headers headers = new Headers();
    map.forEach(headers::set);
    return headers;
  }

  private static Headers with(Headers headers, String signature) {
    Headers changed = new Headers();
    changed.putAll(headers);
    changed.set("webhook-signature", signature);
    return changed;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
