package dev.vestibule.contract;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.UUID;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The permanent key behind every hashed id: dedupe keys, event ids, subject keys, ordering keys of
 * health data. Changing it makes every known fact new, so it is created once and never rotated; it
 * is no signing secret.
 *
 * <p>Hashes are HMAC-SHA-256 over length-prefixed parts that start with the scheme version and a
 * kind, so no two kinds can collide and nobody without the key can craft or reverse one. A null
 * part differs from an empty one.
 */
public final class IdentityKey {
  /** What event ids, subject keys and seals are built with; part of stored ids, never changes. */
  private static final String PERMANENT = "1";

  private static final String ALGORITHM = "HmacSHA256";
  private static final int KEY_BYTES = 32;
  private static final int HASH_BYTES = 16;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;

  /** Holds the key; never used itself, since copying it is cheaper than looking it up anew. */
  private final Mac keyed;

  private final String scheme;

  /**
   * @param bytes exactly 32 random bytes
   * @throws IllegalArgumentException on another length
   */
  public IdentityKey(byte[] bytes) {
    if (bytes.length != KEY_BYTES) {
      throw new IllegalArgumentException(
          "identity key: expected 32 bytes, got " + bytes.length + " bytes");
    }
    this(keyed(bytes), PERMANENT);
  }

  private IdentityKey(Mac keyed, String scheme) {
    this.keyed = keyed;
    this.scheme = scheme;
  }

  private static Mac keyed(byte[] bytes) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(bytes, ALGORITHM));
      return mac;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("HMAC-SHA-256 is not available", e);
    }
  }

  /**
   * The same key for hashes of another key scheme. Only {@link #hash} and {@link #shortHash} follow
   * the scheme: ids and seals outlive every change of it.
   *
   * @param scheme version, e.g. {@code 1}
   */
  public IdentityKey under(String scheme) {
    return new IdentityKey(keyed, scheme);
  }

  /** A 16-byte hash of the parts, as 32 hex digits. */
  public String hash(String kind, @Nullable String... parts) {
    return HexFormat.of().formatHex(Arrays.copyOf(mac(scheme, kind, parts), HASH_BYTES));
  }

  /** An 8-byte hash of the parts, as 16 hex digits. */
  public String shortHash(String kind, @Nullable String... parts) {
    return HexFormat.of().formatHex(Arrays.copyOf(mac(scheme, kind, parts), HASH_BYTES / 2));
  }

  /** The event id of a fact: a UUID version 8 made from the parts that identify it. */
  public UUID eventId(@Nullable String... identity) {
    ByteBuffer hash = ByteBuffer.wrap(mac(PERMANENT, "event-id", identity));
    long high = (hash.getLong() & 0xFFFF_FFFF_FFFF_0FFFL) | 0x8000L;
    long low = (hash.getLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
    return new UUID(high, low);
  }

  /**
   * Stands for an insured person in Curacel's feed: ordering key object and {@code person.id}. The
   * clear ids are small numbers, which a plain hash would not hide.
   */
  public String enrollee(String account, String hmoId, String enrolleeId) {
    return under(PERMANENT).hash("enrollee", account, hmoId + ":" + enrolleeId);
  }

  /** Stands for a visit where a record must not say whose it is. */
  public String visit(String account, String visitId) {
    return under(PERMANENT).hash("visit", account, visitId);
  }

  /**
   * Marks what one sink has put into another system.
   *
   * @param sink its name
   */
  public String sinkMark(String sink) {
    return under(PERMANENT).shortHash("sink", sink);
  }

  /**
   * Id of what is decided about an entry at the door: the same on every call about it.
   *
   * @param kind what is asked about, {@code entries} or {@code invites}
   */
  public String decision(String account, String kind, String entryId) {
    return under(PERMANENT).hash("decision", account, kind, entryId);
  }

  /**
   * Id of an alert: the same however often it is raised.
   *
   * @param kind what is wrong
   * @param about what it is about, within the account
   */
  public String alert(String kind, String account, String about) {
    return under(PERMANENT).hash("alert", kind, account, about);
  }

  /** Tells whether two services hold the same key, without telling the key. */
  public String fingerprint() {
    return under(PERMANENT).shortHash("fingerprint");
  }

  /**
   * Encrypts with AES-256-GCM under a key derived for the purpose: nonce, then ciphertext and tag.
   */
  public byte[] seal(String purpose, byte[] clear) {
    byte[] nonce = new byte[NONCE_BYTES];
    new SecureRandom().nextBytes(nonce);
    try {
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
      cipher.init(Cipher.ENCRYPT_MODE, derived(purpose), new GCMParameterSpec(TAG_BITS, nonce));
      byte[] sealed = cipher.doFinal(clear);
      return ByteBuffer.allocate(NONCE_BYTES + sealed.length).put(nonce).put(sealed).array();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-256-GCM is not available", e);
    }
  }

  /**
   * Opens what {@link #seal} closed.
   *
   * @throws GeneralSecurityException when the bytes were not sealed with this key and purpose
   */
  public byte[] open(String purpose, byte[] sealed) throws GeneralSecurityException {
    if (sealed.length < NONCE_BYTES) {
      throw new GeneralSecurityException("sealed value is too short");
    }
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(
        Cipher.DECRYPT_MODE,
        derived(purpose),
        new GCMParameterSpec(TAG_BITS, Arrays.copyOf(sealed, NONCE_BYTES)));
    return cipher.doFinal(sealed, NONCE_BYTES, sealed.length - NONCE_BYTES);
  }

  private SecretKeySpec derived(String purpose) {
    return new SecretKeySpec(mac(PERMANENT, "seal", purpose), "AES");
  }

  private byte[] mac(String scheme, String kind, @Nullable String... parts) {
    try {
      Mac mac = (Mac) keyed.clone();
      update(mac, scheme);
      update(mac, kind);
      for (String part : parts) {
        update(mac, part);
      }
      return mac.doFinal();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("HMAC-SHA-256 cannot be copied", e);
    }
  }

  private static void update(Mac mac, @Nullable String part) {
    ByteBuffer length = ByteBuffer.allocate(Integer.BYTES);
    if (part == null) {
      mac.update(length.putInt(-1).array());
      return;
    }
    byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
    mac.update(length.putInt(bytes.length).array());
    mac.update(bytes);
  }

  @Override
  public String toString() {
    return "IdentityKey[" + fingerprint() + "]";
  }
}
