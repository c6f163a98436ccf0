package dev.vestibule.deduper.verdict;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;

/** Sixteen bytes of a keyed hash: a dedupe key, an identity or a fingerprint. */
public record Hash(long high, long low) {
  /** Length in bytes. */
  public static final int BYTES = 16;

  private static final int HEX_DIGITS = 2 * BYTES;

  /** Reads exactly 32 hex digits; empty for anything else. */
  public static Optional<Hash> parse(String hex) {
    return hex.length() == HEX_DIGITS && isHex(hex)
        ? Optional.of(
            new Hash(
                HexFormat.fromHexDigitsToLong(hex, 0, BYTES),
                HexFormat.fromHexDigitsToLong(hex, BYTES, HEX_DIGITS)))
        : Optional.empty();
  }

  private static boolean isHex(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (!HexFormat.isHexDigit(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  /** The inverse of {@link #bytes()}. */
  public static Hash of(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    return new Hash(buffer.getLong(), buffer.getLong());
  }

  public byte[] bytes() {
    return ByteBuffer.allocate(BYTES).putLong(high).putLong(low).array();
  }

  /** 32 hex digits. */
  public String hex() {
    return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
  }

  /**
   * A key of its own for something below this key. As hard to foresee as this key is, so nobody can
   * craft one without the identity key.
   */
  Hash derive(Derivation derivation, Hash... parts) {
    ByteBuffer message = ByteBuffer.allocate(1 + BYTES * (1 + parts.length));
    message.put(derivation.tag).putLong(high).putLong(low);
    for (Hash part : parts) {
      message.putLong(part.high).putLong(part.low);
    }
    try {
      return of(MessageDigest.getInstance("SHA-256").digest(message.array()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("SHA-256 is not available", e);
    }
  }

  /** What a derived key stands for. Tags are part of stored keys: never change one. */
  enum Derivation {
    /** One content of a fact. */
    REVISION('r'),
    /** One content of another fact under a used delivery key. */
    CONFLICT('c');

    private final byte tag;

    Derivation(char tag) {
      this.tag = (byte) tag;
    }
  }

  @Override
  public String toString() {
    return hex();
  }
}
