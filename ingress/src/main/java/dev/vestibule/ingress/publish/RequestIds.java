package dev.vestibule.ingress.publish;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Random;
import java.util.UUID;

/** Gives every accepted request a UUID of version 7: milliseconds first, then chance. */
public final class RequestIds {
  private final Random random;

  public RequestIds(Random random) {
    this.random = random;
  }

  /** A new id for a request that was accepted at this time. */
  public UUID next(Instant acceptedAt) {
    // At once: a secure source is asked under a lock.
    byte[] chance = new byte[2 * Long.BYTES];
    random.nextBytes(chance);
    ByteBuffer bits = ByteBuffer.wrap(chance);
    long high = (acceptedAt.toEpochMilli() << 16) | 0x7000L | (bits.getLong() & 0x0FFFL);
    long low = (bits.getLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
    return new UUID(high, low);
  }
}
