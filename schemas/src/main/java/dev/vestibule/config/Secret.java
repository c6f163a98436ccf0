package dev.vestibule.config;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** A secret that cannot print itself. Any UTF-8 text; never empty. */
public final class Secret {
  private final byte[] bytes;

  /**
   * @throws IllegalArgumentException when the text is empty
   */
  public Secret(String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("a secret must not be empty");
    }
    this.bytes = text.getBytes(StandardCharsets.UTF_8);
  }

  /** The UTF-8 bytes; a copy. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** The secret as text, for the places that send it. */
  public String reveal() {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** Compares in time that does not depend on where the difference is. */
  public boolean matches(byte[] candidate) {
    return MessageDigest.isEqual(bytes, candidate);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Secret secret && matches(secret.bytes);
  }

  @Override
  public int hashCode() {
    return Secret.class.hashCode();
  }

  @Override
  public String toString() {
    return "Secret[redacted]";
  }
}
