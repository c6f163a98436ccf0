package dev.vestibule.ingress.signature;

import dev.vestibule.config.Secret;
import dev.vestibule.ingress.signature.SignatureScheme.Encoding;
import dev.vestibule.ingress.signature.SignatureScheme.Timestamp;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import javax.crypto.SecretKey;

/**
 * Standard Webhooks, for those who send to us and for what we send.
 *
 * @see <a href="https://www.standardwebhooks.com">the specification</a>
 */
public final class StandardWebhooks {
  public static final String ID = "webhook-id";
  public static final String TIMESTAMP = "webhook-timestamp";
  public static final String SIGNATURE = "webhook-signature";

  private static final String VERSION = "v1,";
  private static final String SECRET_PREFIX = "whsec_";
  private static final Duration TOLERANCE = Duration.ofMinutes(5);

  /** How a request is verified. */
  public static final SignatureScheme SCHEME =
      new SignatureScheme(
          SIGNATURE,
          new SignatureLayout.Versions(VERSION),
          Encoding.BASE64,
          SignedText.of("{id}.{timestamp}.{body}"),
          new Timestamp(TIMESTAMP, 1, 12, TOLERANCE, TOLERANCE),
          ID);

  private StandardWebhooks() {}

  /**
   * The key of a secret, {@code whsec_} and Base64.
   *
   * @throws IllegalArgumentException when it has another form; the message does not quote it
   */
  public static SecretKey key(Secret secret) {
    String text = secret.reveal();
    try {
      byte[] key =
          text.startsWith(SECRET_PREFIX)
              ? Base64.getDecoder().decode(text.substring(SECRET_PREFIX.length()))
              : new byte[0];
      if (key.length > 0) {
        return HmacVerifier.key(key);
      }
    } catch (IllegalArgumentException e) {
      // Falls through: Base64's own message might quote it.
    }
    throw new IllegalArgumentException("no secret of the form whsec_<base64>");
  }

  /**
   * Signs a request with every key, so that a receiver who knows one of them accepts it.
   *
   * @param id without full stop
   * @param timestamp Unix seconds
   * @return the value of the header {@value #SIGNATURE}
   */
  public static String sign(List<SecretKey> keys, String id, String timestamp, byte[] body) {
    return keys.stream()
        .map(key -> SCHEME.sign(key, timestamp, id, body))
        .map(signature -> VERSION + signature)
        .collect(Collectors.joining(" "));
  }
}
