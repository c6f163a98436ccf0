package dev.vestibule.ingress.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.contract.Headers;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Vendor;
import dev.vestibule.ingress.signature.HeaderValues;
import dev.vestibule.ingress.vendor.BodyFacts;
import dev.vestibule.ingress.vendor.Delivery;
import dev.vestibule.ingress.vendor.VendorProfile;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RawRecordsTest {
  private static final IdentityKey IDENTITY = new IdentityKey(new byte[32]);
  private static final Instant NOW = Instant.parse("2026-03-02T08:15:30.123456789Z");
  private final RawRecords records =
      new RawRecords(new TopicNames("p."), IDENTITY, new RequestIds(new Random(1)));

  /** A changed line here moves visits to other partitions: raise the profile's key version. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "ENVOY|{\"payload\":{\"id\":\"19\"}}|hq:19",
        "ENVOY|{\"payload\":{\"id\":19}}|hq:19",
        "ENVOY|{\"payload\":{}}|hash",
        "ENVOY|{\"payload\":{\"id\":\"\"}}|hash",
        "SIGN_IN_APP|{\"site\":{\"id\":4567},\"visitor\":{\"id\":1234}}|hq:4567:1234",
        "SIGN_IN_APP|{\"site\":{\"id\":4567}}|hash",
        "SIGN_IN_APP|{\"visitor\":{\"id\":1234}}|hash",
        "ESSENTRY|{\"checkIn\":{\"id\":4711}}|hq:4711",
        "ESSENTRY|{\"accessCredential\":{\"id\":5,\"x\":1}}|hq:5",
        "ESSENTRY|{\"accessCredential\":{\"x\":1}}|hash",
        "ESSENTRY|{}|hash",
        "KYBERACCESS|{\"data\":{\"visitor\":{\"id\":\"vis_1\"},\"visitor_id\":\"vis_2\"}}|hq:vis_1",
        "KYBERACCESS|{\"data\":{\"visitor_id\":\"vis_2\",\"id\":\"vis_3\"}}|hq:vis_2",
        "KYBERACCESS|{\"data\":{\"id\":\"vis_3\",\"location\":{\"id\":\"loc_1\"}}}|hq:vis_3",
        "KYBERACCESS|{\"data\":{\"id\":\"dlv_3\",\"location\":{\"id\":\"loc_1\"}}}|hq:loc_1",
        "KYBERACCESS|{\"data\":{\"location_id\":\"loc_2\"}}|hq:loc_2",
        "KYBERACCESS|{\"data\":{}}|hq:hq",
        "KYBERACCESS|[]|hash",
        "KYBERACCESS|{|hash",
        "CURACEL|{\"data\":{\"hmo_id\":1}}|hash",
        "CURACEL|{\"data\":{\"enrollee_id\":1}}|hash",
        "STANDARD_WEBHOOKS|{}|hq:msg_1"
      })
  void keyIsAccountAndObject(Vendor vendor, String body, String expected) {
    RawRecord record = record(vendor, utf8(body));

    String hash = "hq:sha256:" + RawRecords.sha256(utf8(body));
    assertThat(record.key()).isEqualTo(expected.equals("hash") ? hash : expected);
    assertThat(record.topic()).isEqualTo("p." + vendor.rawTopic());
    assertThat(VendorProfile.of(vendor).orderingKeyVersion()).isEqualTo(1);
  }

  @Test
  void insuredPersonIsHashedAlikeAsNumberAndAsText() {
    String number = "{\"data\":{\"hmo_id\":1,\"enrollee_id\":1346}}";
    String text = "{\"data\":{\"hmo_id\":\"1\",\"enrollee_id\":\"1346\"}}";

    assertThat(record(Vendor.CURACEL, utf8(number)).key())
        .isEqualTo("hq:" + IDENTITY.enrollee("hq", "1", "1346"))
        .isEqualTo(record(Vendor.CURACEL, utf8(text)).key())
        .doesNotContain("1346");
  }

  @Test
  void endlessIdsAreHashed() {
    String id = "i".repeat(100_000);

    assertThat(record(Vendor.ENVOY, utf8("{\"payload\":{\"id\":\"" + id + "\"}}")).key())
        .isEqualTo("hq:sha256:" + RawRecords.sha256(utf8(id)));
  }

  @Test
  void headersTellWhereTheRecordComesFrom() {
    byte[] body = utf8("{\"meta\":{\"job\":{\"id\":\"job-1\"}},\"payload\":{\"id\":\"19\"}}");

    Map<String, String> headers = record(Vendor.ENVOY, body).headers();

    assertThat(headers)
        .containsEntry(Headers.SOURCE, "hq-envoy")
        .containsEntry(Headers.ACCOUNT, "hq")
        .containsEntry(Headers.VENDOR, "envoy")
        .containsEntry(Headers.DELIVERY_ID, "job-1")
        .containsEntry(Headers.RECEIVED_AT, "2026-03-02T08:15:30.123456Z")
        .containsEntry(Headers.PATH, "webhook")
        .containsEntry(Headers.CONTENT_TYPE, "application/json")
        .containsEntry(Headers.BODY_SHA256, "as-it-arrived")
        .containsEntry(Headers.REDACTED, "false")
        .containsEntry(Headers.SIGNED_AT, "2026-03-02T08:15:29Z")
        .doesNotContainKey(Headers.SEALED)
        .hasSize(11);
    assertThat(UUID.fromString(headers.get(Headers.REQUEST_ID)).version()).isEqualTo(7);
  }

  @ParameterizedTest
  @CsvSource({
    "KYBERACCESS, dlv_abc123",
    "SIGN_IN_APP, 4EPAoqR4N8jZktby",
    "CURACEL, 0f3a12b8",
    "STANDARD_WEBHOOKS, msg_1",
    "ESSENTRY, "
  })
  void deliveryIdIsTheVendorsOwn(Vendor vendor, @Nullable String expected) {
    byte[] body =
        utf8("{\"idempotency_key\":\"4EPAoqR4N8jZktby\",\"data\":{\"event_id\":\"0f3a12b8\"}}");

    assertThat(record(vendor, body).headers().get(Headers.DELIVERY_ID)).isEqualTo(expected);
  }

  @Test
  void credentialsAreBlankedAndTheHeaderSaysSo() {
    RawRecord record = record(Vendor.ENVOY, utf8("{\"meta\":{\"auth\":{\"access_token\":\"S\"}}}"));

    assertThat(record.value()).isEqualTo(utf8("{\"meta\":{\"auth\":null}}"));
    assertThat(record.headers()).containsEntry(Headers.REDACTED, "true");
  }

  @Test
  void bodyThatCannotBeScannedIsSealedForEnvoyOnly() throws GeneralSecurityException {
    byte[] body = "{\"meta\":{\"auth\":\"Z\u00fcrich\"}}".getBytes(StandardCharsets.ISO_8859_1);

    RawRecord sealed = record(Vendor.ENVOY, body);
    RawRecord open = record(Vendor.KYBERACCESS, body);

    assertThat(sealed.headers()).containsEntry(Headers.SEALED, "true");
    assertThat(new String(sealed.value(), StandardCharsets.ISO_8859_1)).doesNotContain("auth");
    assertThat(IDENTITY.open(RawRecords.SEAL_PURPOSE, sealed.value())).isEqualTo(body);
    assertThat(open.headers()).doesNotContainKey(Headers.SEALED);
    assertThat(open.value()).isEqualTo(body);
  }

  @Test
  void headersFromOutsideAreShortAndPlain() {
    String id = "a\\u0000b\\nc\\u202ed" + "x".repeat(5000);

    String stored =
        record(Vendor.ENVOY, utf8("{\"meta\":{\"job\":{\"id\":\"" + id + "\"}}}"))
            .headers()
            .get(Headers.DELIVERY_ID);

    assertThat(stored).startsWith("abcdxxx").hasSize(256);
  }

  @Test
  void requestIdsAreOrderedByTimeAndDiffer() {
    RequestIds ids = new RequestIds(new Random(7));
    Set<UUID> seen = new HashSet<>();
    for (int count = 0; count < 10_000; count++) {
      seen.add(ids.next(NOW));
    }

    assertThat(seen).hasSize(10_000).allMatch(id -> id.version() == 7 && id.variant() == 2);
    assertThat(ids.next(NOW.plusMillis(1)).toString()).isGreaterThan(ids.next(NOW).toString());
    assertThat(ids.next(NOW).getMostSignificantBits() >>> 16).isEqualTo(NOW.toEpochMilli());
  }

  private RawRecord record(Vendor vendor, byte[] body) {
    VendorProfile profile = VendorProfile.of(vendor);
    HeaderValues headers =
        name ->
            switch (name.toLowerCase(java.util.Locale.ROOT)) {
              case "content-type" -> List.of("application/json");
              case "webhook-id" -> List.of("msg_1");
              case "x-kyberaccess-delivery" -> List.of("dlv_abc123");
              default -> List.of();
            };
    Delivery delivery =
        new Delivery(BodyFacts.scan(body, profile.facts()), headers, "hq", IDENTITY);
    return records.of(
        new RawRecords.Verified(
            "hq-envoy",
            vendor,
            delivery,
            body,
            "as-it-arrived",
            NOW,
            Instant.parse("2026-03-02T08:15:29Z")),
        profile);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
