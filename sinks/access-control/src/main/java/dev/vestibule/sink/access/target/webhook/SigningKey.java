package dev.vestibule.sink.access.target.webhook;

import dev.vestibule.config.ConfigException;
import dev.vestibule.config.Secret;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A key that signs webhooks: {@code whsec_} for HMAC-SHA-256 ({@code v1}), {@code whsk_} for
 * ed25519 ({@code v1a}).
 */
sealed interface SigningKey {
  String SYMMETRIC = "whsec_";
  String PRIVATE = "whsk_";

  /**
   * One signature as it stands in the header, e.g. {@code v1,<base64>}.
   *
   * @param content id, timestamp and body with dots between
   */
  String sign(byte[] content);

  /**
   * Reads a key.
   *
   * @throws ConfigException when it is none; the message does not quote it
   */
  static SigningKey of(String setting, Secret secret) {
    String text = secret.reveal();
    try {
      if (text.startsWith(SYMMETRIC)) {
        byte[] key = Base64.getDecoder().decode(text.substring(SYMMETRIC.length()));
        if (key.length >= Hmac.SHORTEST && key.length <= Hmac.LONGEST) {
          return new Hmac(key);
        }
      } else if (text.startsWith(PRIVATE)) {
        byte[] key = Base64.getDecoder().decode(text.substring(PRIVATE.length()));
        if (key.length == Ed25519.SEED || key.length == Ed25519.SEED_AND_PUBLIC) {
          return Ed25519.of(Arrays.copyOf(key, Ed25519.SEED));
        }
      }
    } catch (IllegalArgumentException | GeneralSecurityException e) {
      // Falls through to the one message.
    }
    throw new ConfigException(
        setting,
        "is no signing key; expected whsec_ with base64 of 24 to 64 bytes, or whsk_ with base64 of"
            + " an ed25519 seed of 32 bytes");
  }

  /** HMAC-SHA-256. */
  final class Hmac implements SigningKey {
    private static final int SHORTEST = 24;
    private static final int LONGEST = 64;

    private final SecretKeySpec key;

    private Hmac(byte[] key) {
      this.key = new SecretKeySpec(key, "HmacSHA256");
    }

    @Override
    public String sign(byte[] content) {
      try {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(key);
        return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(content));
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("every JDK has HmacSHA256", e);
      }
    }
  }

  /** Ed25519. */
  final class Ed25519 implements SigningKey {
    private static final int SEED = 32;
    private static final int SEED_AND_PUBLIC = 64;

    private final PrivateKey key;

    private Ed25519(PrivateKey key) {
      this.key = key;
    }

    private static Ed25519 of(byte[] seed) throws GeneralSecurityException {
      return new Ed25519(
          KeyFactory.getInstance("Ed25519")
              .generatePrivate(new EdECPrivateKeySpec(NamedParameterSpec.ED25519, seed)));
    }

    @Override
    public String sign(byte[] content) {
      try {
        Signature signature = Signature.getInstance("Ed25519");
        signature.initSign(key);
        signature.update(content);
        return "v1a," + Base64.getEncoder().encodeToString(signature.sign());
      } catch (InvalidKeyException e) {
        throw new IllegalStateException("the key was made for this", e);
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("every JDK has Ed25519", e);
      }
    }
  }
}
