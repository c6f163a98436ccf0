package dev.vestibule.sink.access.target.webhook;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;

/** Which addresses a webhook may reach: none inside, wherever a name points. */
final class AddressRule {
  private static final List<Block> INSIDE =
      List.of(
          Block.of("0.0.0.0", 8),
          Block.of("10.0.0.0", 8),
          Block.of("100.64.0.0", 10),
          Block.of("127.0.0.0", 8),
          Block.of("169.254.0.0", 16),
          Block.of("172.16.0.0", 12),
          Block.of("192.0.0.0", 24),
          Block.of("192.168.0.0", 16),
          Block.of("198.18.0.0", 15),
          Block.of("224.0.0.0", 3),
          Block.of("::", 96),
          Block.of("64:ff9b:1::", 48),
          Block.of("2001::", 32),
          Block.of("fc00::", 7),
          Block.of("fe80::", 10),
          Block.of("fec0::", 10),
          Block.of("ff00::", 8));

  /** Addresses that stand for one of the fourth version: where it begins in them. */
  private static final List<Embedding> EMBEDDED =
      List.of(
          new Embedding(Block.of("64:ff9b::", 96), 12), new Embedding(Block.of("2002::", 16), 2));

  private static final int V4 = 4;

  private AddressRule() {}

  static boolean isInside(InetAddress address) {
    byte[] bytes = address.getAddress();
    return INSIDE.stream().anyMatch(block -> block.contains(bytes))
        || EMBEDDED.stream()
            .filter(embedding -> embedding.block.contains(bytes))
            .map(embedding -> Arrays.copyOfRange(bytes, embedding.offset, embedding.offset + V4))
            .anyMatch(v4 -> INSIDE.stream().anyMatch(block -> block.contains(v4)));
  }

  private record Embedding(Block block, int offset) {}

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Block(byte[] network, int length) {

    static Block of(String literal, int length) {
      try {
        return new Block(InetAddress.ofLiteral(literal).getAddress(), length);
      } catch (IllegalArgumentException e) {
        throw new AssertionError(literal, e);
      }
    }

    boolean contains(byte[] address) {
      if (address.length != network.length) {
        return false;
      }
      for (int bit = 0; bit < length; bit++) {
        int mask = 0x80 >> (bit % Byte.SIZE);
        if (((address[bit / Byte.SIZE] ^ network[bit / Byte.SIZE]) & mask) != 0) {
          return false;
        }
      }
      return true;
    }
  }
}
