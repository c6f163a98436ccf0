package dev.vestibule.standalone.simulator;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A vendor's HMAC-SHA-256 signature as data. Texts may hold {@code {timestamp}} (Unix seconds),
 * {@code {id}} (delivery id), {@code {event}} (event name); {@code signed} also {@code {body}}, and
 * {@code value} also {@code {signature}}.
 *
 * @param header header that carries the signature
 * @param value what that header says
 * @param encoding how the 32 bytes become text
 * @param signed the signed text
 * @param companions further headers of the delivery
 */
record SignatureRecipe(
    String header, String value, Encoding encoding, String signed, Map<String, String> companions) {

  /** How a signature is written. */
  enum Encoding {
    HEX,
    BASE64;

    private String text(byte[] bytes) {
      return switch (this) {
        case HEX -> HexFormat.of().formatHex(bytes);
        case BASE64 -> Base64.getEncoder().encodeToString(bytes);
      };
    }
  }

  /** Documented: Base64 of the HMAC over the body, nothing else signed. */
  static final SignatureRecipe ENVOY =
      new SignatureRecipe("X-Envoy-Signature", "{signature}", Encoding.BASE64, "{body}", Map.of());

  /** Documented: {@code t=…,s1=…} over time, full stop and body. */
  static final SignatureRecipe SIGN_IN_APP =
      new SignatureRecipe(
          "x-signinapp-webhook-signature",
          "t={timestamp},s1={signature}",
          Encoding.HEX,
          "{timestamp}.{body}",
          Map.of());

  /** Documented: the event and delivery headers travel along, but only the time is signed. */
  static final SignatureRecipe KYBERACCESS =
      new SignatureRecipe(
          "X-KyberAccess-Signature",
          "sha256={signature}",
          Encoding.HEX,
          "{timestamp}.{body}",
          Map.of(
              "X-KyberAccess-Event", "{event}",
              "X-KyberAccess-Delivery", "{id}",
              "X-KyberAccess-Timestamp", "{timestamp}"));

  /** Documented for Curacel's sibling products only: bare hex over the body. */
  static final SignatureRecipe CURACEL =
      new SignatureRecipe("x-curacel-signature", "{signature}", Encoding.HEX, "{body}", Map.of());

  /** Documented in the Standard Webhooks specification. */
  static final SignatureRecipe STANDARD_WEBHOOKS =
      new SignatureRecipe(
          "webhook-signature",
          "v1,{signature}",
          Encoding.BASE64,
          "{id}.{timestamp}.{body}",
          Map.of("webhook-id", "{id}", "webhook-timestamp", "{timestamp}"));

  /** The headers that a delivery carries; {@code facts} holds timestamp, id and event. */
  Map<String, String> headers(byte[] key, byte[] body, Map<String, String> facts) {
    String signature = encoding.text(hmac(key, signedBytes(body, facts)));
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put(header, fill(value, facts).replace("{signature}", signature));
    companions.forEach((name, text) -> headers.put(name, fill(text, facts)));
    headers.values().removeIf(String::isEmpty);
    return headers;
  }

  private byte[] signedBytes(byte[] body, Map<String, String> facts) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(body.length + 64);
    String[] pieces = signed.split("\\{body}", -1);
    for (int i = 0; i < pieces.length; i++) {
      if (i > 0) {
        bytes.writeBytes(body);
      }
      bytes.writeBytes(fill(pieces[i], facts).getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }

  private static String fill(String template, Map<String, String> facts) {
    String text = template;
    for (Map.Entry<String, String> fact : facts.entrySet()) {
      text = text.replace("{" + fact.getKey() + "}", fact.getValue());
    }
    return text;
  }

  private static byte[] hmac(byte[] key, byte[] message) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(message);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("HMAC-SHA-256 is not available", e);
    }
  }
}
