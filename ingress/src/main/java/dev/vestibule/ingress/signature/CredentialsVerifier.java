package dev.vestibule.ingress.signature;

import dev.vestibule.config.Secret;
import dev.vestibule.ingress.signature.Verification.Accepted;
import dev.vestibule.ingress.signature.Verification.Rejected;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Credentials that travel in a header and are the same for every request: a fixed value, or HTTP
 * Basic. They prove who sends, not what was sent.
 */
public final class CredentialsVerifier implements Verifier {
  private static final String BASIC = "basic ";

  private final String header;
  private final boolean basic;
  private final List<Secret> values;

  private CredentialsVerifier(String header, boolean basic, List<Secret> values) {
    if (values.isEmpty()) {
      throw new IllegalArgumentException("credentials need a value");
    }
    this.header = header;
    this.basic = basic;
    this.values = List.copyOf(values);
  }

  /** The header must hold exactly one of the values, character by character. */
  public static CredentialsVerifier header(String header, List<Secret> values) {
    return new CredentialsVerifier(header, false, values);
  }

  /**
   * HTTP Basic; the scheme's name compares without case.
   *
   * @param values {@code user:password}. The user ends at the first colon, so comparing the whole
   *     compares both
   */
  public static CredentialsVerifier basic(List<Secret> values) {
    return new CredentialsVerifier("Authorization", true, values);
  }

  @Override
  public Verification verify(UnverifiedRequest request, Instant now) {
    List<String> received = request.headers().all(header);
    if (received.size() > 1) {
      return new Rejected(RejectionReason.DUPLICATE_HEADER);
    }
    if (received.isEmpty() || received.getFirst().isEmpty()) {
      return new Rejected(RejectionReason.MISSING_CREDENTIALS);
    }
    byte @Nullable [] candidate =
        basic
            ? decodeBasic(received.getFirst())
            : received.getFirst().getBytes(StandardCharsets.ISO_8859_1);
    if (candidate == null) {
      return new Rejected(RejectionReason.MALFORMED_CREDENTIALS);
    }
    int fitting = fitting(values, candidate);
    return fitting < 0
        ? new Rejected(RejectionReason.CREDENTIALS_MISMATCH)
        : new Accepted(fitting, null);
  }

  private static byte @Nullable [] decodeBasic(String value) {
    if (!value.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
      return null;
    }
    try {
      return Base64.getDecoder().decode(value.substring(BASIC.length()).strip());
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** Index of the first secret that equals the candidate, or -1; always compares all. */
  static int fitting(List<Secret> secrets, byte[] candidate) {
    int fitting = -1;
    for (int index = 0; index < secrets.size(); index++) {
      boolean fits = secrets.get(index).matches(candidate);
      if (fits && fitting < 0) {
        fitting = index;
      }
    }
    return fitting;
  }
}
