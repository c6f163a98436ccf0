package dev.vestibule.standalone.demo;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Tells genuine messages from forged ones as the receiver of Standard Webhooks does. Written from
 * the specification and not from our sender, so that one cannot hide a mistake of the other.
 *
 * @see <a
 *     href="https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md">Standard
 *     Webhooks</a>
 */
final class WebhookSeal {
  private static final String SECRET_PREFIX = "whsec_";
  private static final String VERSION = "v1,";
  private static final Duration TOLERANCE = Duration.ofMinutes(5);

  private final SecretKeySpec key;

  /**
   * @param secret {@code whsec_} and base64
   */
  WebhookSeal(String secret) {
    if (!secret.startsWith(SECRET_PREFIX)) {
      throw new IllegalArgumentException("a secret begins with " + SECRET_PREFIX);
    }
    this.key =
        new SecretKeySpec(
            Base64.getDecoder().decode(secret.substring(SECRET_PREFIX.length())), "HmacSHA256");
  }

  /**
   * Whether one of the signatures is ours, and of now.
   *
   * @param timestamp seconds since the epoch, as text
   * @param signatures with spaces between
   */
  boolean isGenuine(
      @Nullable String id,
      @Nullable String timestamp,
      @Nullable String signatures,
      byte[] body,
      Instant now) {
    if (id == null || timestamp == null || signatures == null || id.isEmpty() || id.contains(".")) {
      return false;
    }
    if (!timestamp.matches("[0-9]{1,11}")) {
      return false;
    }
    Instant sent = Instant.ofEpochSecond(Long.parseLong(timestamp));
    if (Duration.between(sent, now).abs().compareTo(TOLERANCE) > 0) {
      return false;
    }
    byte[] expected = mac(id + "." + timestamp + ".", body);
    boolean genuine = false;
    for (String signature : signatures.split(" ")) {
      genuine |=
          signature.startsWith(VERSION)
              && MessageDigest.isEqual(
                  expected,
                  signature.substring(VERSION.length()).getBytes(StandardCharsets.US_ASCII));
    }
    return genuine;
  }

  /** In base64. */
  private byte[] mac(String prefix, byte[] body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      mac.update(prefix.getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encode(mac.doFinal(body));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }
}
