package dev.vestibule.ingress.signature;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/**
 * An HMAC-SHA-256 signature scheme as data.
 *
 * @param header header that carries the signature
 * @param layout how its value is laid out
 * @param encoding how the signature is written
 * @param signedText what is signed
 * @param timestamp the signed time, or null when none is signed
 * @param idHeader header with the signed delivery id, or null when none is signed
 */
public record SignatureScheme(
    String header,
    SignatureLayout layout,
    Encoding encoding,
    SignedText signedText,
    @Nullable Timestamp timestamp,
    @Nullable String idHeader) {

  /** How 32 bytes of HMAC are written; compared as text, so that only one spelling fits. */
  public enum Encoding {
    /** 64 lower-case digits. */
    HEX(64) {
      @Override
      byte[] encode(byte[] hmac) {
        return HexFormat.of().formatHex(hmac).getBytes(StandardCharsets.US_ASCII);
      }
    },
    /** 44 characters of the standard alphabet with padding. */
    BASE64(44) {
      @Override
      byte[] encode(byte[] hmac) {
        return Base64.getEncoder().encode(hmac);
      }
    };

    private final int length;

    Encoding(int length) {
      this.length = length;
    }

    int length() {
      return length;
    }

    abstract byte[] encode(byte[] hmac);
  }

  /**
   * A signed time in Unix seconds.
   *
   * @param header header that carries it, or null when it is a part of the signature header
   * @param minDigits fewest digits
   * @param maxDigits most digits, at most 12
   * @param past greatest age; exactly this age is accepted
   * @param future how far it may lie ahead; exactly this far is accepted
   */
  public record Timestamp(
      @Nullable String header, int minDigits, int maxDigits, Duration past, Duration future) {

    /** Whether the text is a number with an allowed count of ASCII digits. */
    boolean fits(String text) {
      return text.length() >= minDigits
          && text.length() <= maxDigits
          && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }
  }

  public SignatureScheme {
    if (signedText.signsTimestamp() != (timestamp != null)) {
      throw new IllegalArgumentException(
          timestamp == null
              ? "{timestamp} is signed, but no header is named for it"
              : "a time that is not signed proves nothing: {timestamp} is missing");
    }
    if (signedText.signsId() != (idHeader != null)) {
      throw new IllegalArgumentException(
          idHeader == null
              ? "{id} is signed, but no header is named for it"
              : "an id that is not signed proves nothing: {id} is missing");
    }
    boolean timeInSignature = layout instanceof SignatureLayout.Parts;
    if (timestamp != null && timeInSignature != (timestamp.header() == null)) {
      throw new IllegalArgumentException("the signed time must be in exactly one place");
    }
  }

  /** The signature of one request, encoded; what a verifier of the same key accepts. */
  String sign(SecretKey key, String timestamp, String id, byte[] body) {
    Mac mac = HmacVerifier.keyed(key);
    signedText.feed(mac, timestamp, id, body);
    return new String(encoding.encode(mac.doFinal()), StandardCharsets.US_ASCII);
  }

  /** The same scheme with other tolerances where they are given. */
  public SignatureScheme withTolerance(@Nullable Duration past, @Nullable Duration future) {
    if (timestamp == null) {
      return this;
    }
    Timestamp adjusted =
        new Timestamp(
            timestamp.header(),
            timestamp.minDigits(),
            timestamp.maxDigits(),
            past == null ? timestamp.past() : past,
            future == null ? timestamp.future() : future);
    return new SignatureScheme(header, layout, encoding, signedText, adjusted, idHeader);
  }
}
