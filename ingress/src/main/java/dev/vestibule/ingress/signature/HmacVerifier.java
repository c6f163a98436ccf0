package dev.vestibule.ingress.signature;

import dev.vestibule.ingress.signature.SignatureLayout.Reading;
import dev.vestibule.ingress.signature.Verification.Accepted;
import dev.vestibule.ingress.signature.Verification.Rejected;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The one verifier of all HMAC schemes.
 *
 * <p>The signature is compared before the signed time is read as a number: a time that nobody has
 * vouched for is not worth an opinion. All secrets are tried against all signatures, whichever
 * fits, so that the time taken tells nothing.
 */
public final class HmacVerifier implements Verifier {
  private static final String ALGORITHM = "HmacSHA256";

  private final SignatureScheme scheme;

  /** One for each secret; never used themselves, since copying is cheaper than looking up anew. */
  private final List<Mac> keyed;

  /**
   * @param keys all active secrets, at least one
   */
  public HmacVerifier(SignatureScheme scheme, List<SecretKey> keys) {
    if (keys.isEmpty()) {
      throw new IllegalArgumentException("an HMAC needs a secret");
    }
    this.scheme = scheme;
    this.keyed = keys.stream().map(HmacVerifier::keyed).toList();
  }

  /** An HMAC that has read nothing yet. */
  static Mac keyed(SecretKey key) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      return mac;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("HMAC-SHA-256 is not available", e);
    }
  }

  /**
   * A key from the secret's bytes.
   *
   * @throws IllegalArgumentException when there are none
   */
  public static SecretKey key(byte[] secret) {
    return new SecretKeySpec(secret, ALGORITHM);
  }

  @Override
  public Verification verify(UnverifiedRequest request, Instant now) {
    HeaderValues headers = request.headers();
    SignatureScheme.@Nullable Timestamp rule = scheme.timestamp();
    if (repeated(headers, scheme.header())
        || (rule != null && repeated(headers, rule.header()))
        || repeated(headers, scheme.idHeader())) {
      return new Rejected(RejectionReason.DUPLICATE_HEADER);
    }
    String value = only(headers, scheme.header());
    if (value.isEmpty()) {
      return new Rejected(RejectionReason.MISSING_SIGNATURE);
    }
    return switch (scheme.layout().read(value)) {
      case Reading.Unparsed(RejectionReason reason) -> new Rejected(reason);
      case Reading.Parsed reading -> verify(request, reading, now);
    };
  }

  private Verification verify(UnverifiedRequest request, Reading.Parsed reading, Instant now) {
    SignatureScheme.@Nullable Timestamp rule = scheme.timestamp();
    String timestamp = "";
    if (rule != null) {
      // A time inside the signature header is part of that header's form and is judged with it.
      String inSignature = reading.timestamp();
      if (inSignature != null && !rule.fits(inSignature)) {
        return new Rejected(RejectionReason.MALFORMED_TIMESTAMP);
      }
      timestamp = inSignature != null ? inSignature : only(request.headers(), rule.header());
      if (timestamp.isEmpty()) {
        return new Rejected(RejectionReason.MISSING_TIMESTAMP);
      }
    }
    String id = only(request.headers(), scheme.idHeader());
    if (scheme.idHeader() != null && id.isEmpty()) {
      return new Rejected(RejectionReason.MISSING_ID);
    }
    if (!scheme.signedText().delimits(id)) {
      return new Rejected(RejectionReason.MALFORMED_ID);
    }
    List<byte[]> candidates =
        reading.signatures().stream()
            .filter(signature -> signature.length() == scheme.encoding().length())
            .map(signature -> signature.getBytes(StandardCharsets.ISO_8859_1))
            .toList();
    if (candidates.isEmpty()) {
      return new Rejected(RejectionReason.MALFORMED_SIGNATURE);
    }
    int fitting = fittingSecret(candidates, timestamp, id, request.body());
    if (fitting < 0) {
      return new Rejected(RejectionReason.SIGNATURE_MISMATCH);
    }
    return rule == null ? new Accepted(fitting, null) : fresh(rule, timestamp, fitting, now);
  }

  /** Index of the first secret that fits, or -1; always does all the work. */
  private int fittingSecret(List<byte[]> candidates, String timestamp, String id, byte[] body) {
    int fitting = -1;
    for (int index = 0; index < keyed.size(); index++) {
      byte[] expected = scheme.encoding().encode(hmac(keyed.get(index), timestamp, id, body));
      boolean fits = false;
      for (byte[] candidate : candidates) {
        fits |= MessageDigest.isEqual(expected, candidate);
      }
      if (fits && fitting < 0) {
        fitting = index;
      }
    }
    return fitting;
  }

  private byte[] hmac(Mac keyed, String timestamp, String id, byte[] body) {
    try {
      Mac mac = (Mac) keyed.clone();
      scheme.signedText().feed(mac, timestamp, id, body);
      return mac.doFinal();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("HMAC-SHA-256 cannot be copied", e);
    }
  }

  private static Verification fresh(
      SignatureScheme.Timestamp rule, String timestamp, int secretIndex, Instant now) {
    if (!rule.fits(timestamp)) {
      return new Rejected(RejectionReason.MALFORMED_TIMESTAMP);
    }
    Instant signedAt = Instant.ofEpochSecond(Long.parseLong(timestamp));
    if (now.isAfter(signedAt.plus(rule.past()))) {
      return new Rejected(RejectionReason.STALE);
    }
    if (signedAt.isAfter(now.plus(rule.future()))) {
      return new Rejected(RejectionReason.FUTURE);
    }
    return new Accepted(secretIndex, signedAt);
  }

  private static boolean repeated(HeaderValues headers, @Nullable String name) {
    return name != null && headers.all(name).size() > 1;
  }

  private static String only(HeaderValues headers, @Nullable String name) {
    return name == null ? "" : headers.all(name).stream().findFirst().orElse("");
  }
}
