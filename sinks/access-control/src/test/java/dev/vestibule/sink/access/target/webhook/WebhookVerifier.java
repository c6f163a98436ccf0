package dev.vestibule.sink.access.target.webhook;

import com.sun.net.httpserver.Headers;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** Verifies as a receiver does, written from the specification and not from our signer. */
final class WebhookVerifier {
  private static final Duration TOLERANCE = Duration.ofMinutes(5);

  /** DER in front of the 32 bytes of an ed25519 public key. */
  private static final byte[] ED25519 = HexFormat.of().parseHex("302a300506032b6570032100");

  private final List<String> keys;

  /**
   * @param keys {@code whsec_} or {@code whpk_}
   */
  WebhookVerifier(List<String> keys) {
    this.keys = keys;
  }

  /** What a receiver makes of a message. */
  enum Verdict {
    GOOD,
    MISSING_HEADER,
    STALE,
    NO_KNOWN_VERSION,
    MISMATCH
  }

  Verdict verify(Headers headers, byte[] body, Instant now) {
    @Nullable String id = headers.getFirst("webhook-id");
    @Nullable String timestamp = headers.getFirst("webhook-timestamp");
    @Nullable String signatures = headers.getFirst("webhook-signature");
    if (id == null || timestamp == null || signatures == null) {
      return Verdict.MISSING_HEADER;
    }
    Instant at = Instant.ofEpochSecond(Long.parseLong(timestamp));
    if (Duration.between(at, now).abs().compareTo(TOLERANCE) > 0) {
      return Verdict.STALE;
    }
    byte[] content =
        (id + "." + timestamp + "." + new String(body, StandardCharsets.UTF_8))
            .getBytes(StandardCharsets.UTF_8);
    boolean known = false;
    for (String signature : signatures.split(" ")) {
      int comma = signature.indexOf(',');
      String version = comma < 0 ? signature : signature.substring(0, comma);
      String value = comma < 0 ? "" : signature.substring(comma + 1);
      known |= version.equals("v1") || version.equals("v1a");
      for (String key : keys) {
        if (fits(version, value, key, content)) {
          return Verdict.GOOD;
        }
      }
    }
    return known ? Verdict.MISMATCH : Verdict.NO_KNOWN_VERSION;
  }

  private static boolean fits(String version, String value, String key, byte[] content) {
    try {
      byte[] bytes = Base64.getDecoder().decode(key.substring(key.indexOf('_') + 1));
      byte[] signature = Base64.getDecoder().decode(value);
      if (version.equals("v1") && key.startsWith("whsec_")) {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(bytes, "HmacSHA256"));
        return MessageDigest.isEqual(mac.doFinal(content), signature);
      }
      if (version.equals("v1a") && key.startsWith("whpk_") && signature.length == 64) {
        byte[] der = new byte[ED25519.length + bytes.length];
        System.arraycopy(ED25519, 0, der, 0, ED25519.length);
        System.arraycopy(bytes, 0, der, ED25519.length, bytes.length);
        Signature verifies = Signature.getInstance("Ed25519");
        verifies.initVerify(
            KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(der)));
        verifies.update(content);
        return verifies.verify(signature);
      }
      return false;
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      return false;
    }
  }
}
