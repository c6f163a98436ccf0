package dev.vestibule.ingress.webhook;

import java.net.InetAddress;
import java.util.List;

/**
 * A block of IP addresses, e.g. {@code 10.0.0.0/8} or {@code 2001:db8::/32}; one address alone is a
 * block too.
 */
record Cidr(InetAddress network, int prefixLength) {

  /**
   * @throws IllegalArgumentException when the text is no block; never looks up a name
   */
  static Cidr parse(String text) {
    int slash = text.indexOf('/');
    InetAddress network = InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash));
    int bits = network.getAddress().length * 8;
    int length = slash < 0 ? bits : Integer.parseInt(text.substring(slash + 1));
    if (length < 0 || length > bits) {
      throw new IllegalArgumentException("prefix length out of range");
    }
    return new Cidr(network, length);
  }

  static boolean anyContains(List<Cidr> blocks, InetAddress address) {
    return blocks.stream().anyMatch(block -> block.contains(address));
  }

  boolean contains(InetAddress address) {
    byte[] mine = network.getAddress();
    byte[] theirs = address.getAddress();
    if (mine.length != theirs.length) {
      return false;
    }
    for (int bit = 0; bit < prefixLength; bit++) {
      int mask = 0x80 >> (bit % 8);
      if ((mine[bit / 8] & mask) != (theirs[bit / 8] & mask)) {
        return false;
      }
    }
    return true;
  }
}
