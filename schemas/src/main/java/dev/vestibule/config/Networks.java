package dev.vestibule.config;

import java.net.InetAddress;
import java.util.Optional;

/** CIDR blocks as text, checked without asking a name server. */
final class Networks {
  private Networks() {}

  /**
   * The block with its length; a plain address is the block of itself. Empty when it is neither.
   */
  static Optional<String> cidr(String text) {
    int slash = text.indexOf('/');
    String address = slash < 0 ? text : text.substring(0, slash);
    try {
      int bits = InetAddress.ofLiteral(address).getAddress().length * Byte.SIZE;
      if (slash < 0) {
        return Optional.of(address + "/" + bits);
      }
      int length = Integer.parseInt(text.substring(slash + 1));
      return length >= 0 && length <= bits ? Optional.of(text) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
