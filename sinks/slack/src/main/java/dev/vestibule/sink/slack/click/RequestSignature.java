package dev.vestibule.sink.slack.click;

import dev.vestibule.config.Secret;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Slack's signature of requests, version 0: HMAC-SHA-256 over {@code v0:<seconds>:<body>}, in hex.
 *
 * @see <a href="https://docs.slack.dev/authentication/verifying-requests-from-slack">Verifying
 *     requests from Slack</a>
 */
public final class RequestSignature {
  /** Header with the signature. */
  public static final String SIGNATURE = "X-Slack-Signature";

  /** Header with the time it was made, in seconds. */
  public static final String TIMESTAMP = "X-Slack-Request-Timestamp";

  /** How far the time may be off, in both directions; exactly this far is accepted. */
  static final Duration TOLERANCE = Duration.ofMinutes(5);

  private static final String ALGORITHM = "HmacSHA256";
  private static final Pattern SECONDS = Pattern.compile("[0-9]{9,11}");
  private static final Pattern FORM = Pattern.compile("v0=[0-9a-f]{64}");

  private final List<Secret> secrets;

  /**
   * @param secrets all that are valid at present, at least one
   */
  public RequestSignature(List<Secret> secrets) {
    if (secrets.isEmpty()) {
      throw new IllegalArgumentException("a signature needs a secret");
    }
    this.secrets = List.copyOf(secrets);
  }

  /** What a request is. */
  public enum Verdict {
    GENUINE,
    /** A header is absent. */
    MISSING_HEADER,
    /** A header is there more than once, so that others may have read another one. */
    REPEATED_HEADER,
    MALFORMED_TIMESTAMP,
    MALFORMED_SIGNATURE,
    SIGNATURE_MISMATCH,
    /** Genuine, but signed too long ago: perhaps somebody else's copy. */
    STALE,
    /** Genuine, but signed in the future. */
    FUTURE
  }

  /**
   * Judges a request. The time is only believed once the signature fits.
   *
   * @param timestamps all values of {@link #TIMESTAMP}
   * @param signatures all values of {@link #SIGNATURE}
   * @param body as received
   */
  public Verdict verify(
      List<String> timestamps, List<String> signatures, byte[] body, Instant now) {
    if (timestamps.isEmpty() || signatures.isEmpty()) {
      return Verdict.MISSING_HEADER;
    }
    if (timestamps.size() > 1 || signatures.size() > 1) {
      return Verdict.REPEATED_HEADER;
    }
    String timestamp = timestamps.getFirst();
    if (!SECONDS.matcher(timestamp).matches()) {
      return Verdict.MALFORMED_TIMESTAMP;
    }
    String signature = signatures.getFirst();
    if (!FORM.matcher(signature).matches()) {
      return Verdict.MALFORMED_SIGNATURE;
    }
    byte[] given = signature.getBytes(StandardCharsets.US_ASCII);
    boolean fits = false;
    for (Secret secret : secrets) {
      // All are tried, so that the time taken does not tell which one fits.
      fits |= MessageDigest.isEqual(sign(secret, timestamp, body), given);
    }
    if (!fits) {
      return Verdict.SIGNATURE_MISMATCH;
    }
    Instant signedAt = Instant.ofEpochSecond(Long.parseLong(timestamp));
    if (now.isAfter(signedAt.plus(TOLERANCE))) {
      return Verdict.STALE;
    }
    return signedAt.isAfter(now.plus(TOLERANCE)) ? Verdict.FUTURE : Verdict.GENUINE;
  }

  static byte[] sign(Secret secret, String timestamp, byte[] body) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(secret.bytes(), ALGORITHM));
      mac.update(("v0:" + timestamp + ":").getBytes(StandardCharsets.US_ASCII));
      String hex = HexFormat.of().formatHex(mac.doFinal(body));
      return ("v0=" + hex).getBytes(StandardCharsets.US_ASCII);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("HMAC-SHA-256 is not available", e);
    }
  }
}
