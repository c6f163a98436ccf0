package dev.vestibule.ingress.webhook;

import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * From where a source may send. Behind proxies the sender is the right-most address of {@code
 * X-Forwarded-For} that no trusted proxy has; what a stranger writes further left is not believed.
 *
 * @param allowed blocks that may send; empty for everybody
 * @param trustedProxies blocks whose {@code X-Forwarded-For} is believed; empty for nobody
 */
record SenderNetworks(List<Cidr> allowed, List<Cidr> trustedProxies) {

  SenderNetworks {
    allowed = List.copyOf(allowed);
    trustedProxies = List.copyOf(trustedProxies);
  }

  /**
   * @param peer the other end of the connection
   * @param forwardedFor every {@code X-Forwarded-For} line in the order of arrival
   */
  boolean allows(InetAddress peer, List<String> forwardedFor) {
    if (allowed.isEmpty()) {
      return true;
    }
    InetAddress sender = sender(peer, forwardedFor);
    return sender != null && Cidr.anyContains(allowed, sender);
  }

  private @Nullable InetAddress sender(InetAddress peer, List<String> forwardedFor) {
    List<String> hops = List.of(String.join(",", forwardedFor).split(","));
    InetAddress sender = peer;
    for (String hop : hops.reversed()) {
      if (hop.isBlank() || !Cidr.anyContains(trustedProxies, sender)) {
        return sender;
      }
      InetAddress next = address(hop.strip());
      if (next == null) {
        return null;
      }
      sender = next;
    }
    return sender;
  }

  /** An address with or without a port, or null. */
  private static @Nullable InetAddress address(String hop) {
    String host = hop;
    if (hop.startsWith("[")) {
      int end = hop.indexOf(']');
      host = end < 0 ? hop : hop.substring(1, end);
    } else if (hop.indexOf(':') >= 0 && hop.indexOf(':') == hop.lastIndexOf(':')) {
      host = hop.substring(0, hop.indexOf(':'));
    }
    try {
      return InetAddress.ofLiteral(host);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
