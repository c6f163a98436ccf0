package dev.vestibule.ingress;

import dev.vestibule.config.Secret;
import dev.vestibule.config.SourceConfig;
import dev.vestibule.contract.Vendor;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Signs as the vendors do, written apart from the verifier so that the two can disagree. */
final class Signed {
  static final String SECRET = "gehäim-🔑-signing";

  private Signed() {}

  static SourceConfig envoy() {
    return SourceConfig.of("hq-envoy", Vendor.ENVOY, "hq", new Secret(SECRET));
  }

  static SourceConfig curacel() {
    return SourceConfig.of("clinics", Vendor.CURACEL, "clinics", new Secret(SECRET));
  }

  static SourceConfig kyberaccess() {
    return SourceConfig.of("hq-kyber", Vendor.KYBERACCESS, "hq", new Secret(SECRET));
  }

  static SourceConfig signInApp() {
    return SourceConfig.of("lobby", Vendor.SIGN_IN_APP, "lobby", new Secret(SECRET));
  }

  static String base64(byte[] body) {
    return Base64.getEncoder().encodeToString(hmac(SECRET, body));
  }

  static String hex(byte[] body) {
    return HexFormat.of().formatHex(hmac(SECRET, body));
  }

  /** Slack's headers for a body that was signed at this time. */
  static String[] slack(String secret, Instant at, byte[] body) {
    byte[] start = utf8("v0:" + at.getEpochSecond() + ":");
    byte[] signed = Arrays.copyOf(start, start.length + body.length);
    System.arraycopy(body, 0, signed, start.length, body.length);
    return new String[] {
      "X-Slack-Request-Timestamp",
      Long.toString(at.getEpochSecond()),
      "X-Slack-Signature",
      "v0=" + HexFormat.of().formatHex(hmac(secret, signed))
    };
  }

  static byte[] hmac(String secret, byte[] text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return mac.doFinal(text);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
