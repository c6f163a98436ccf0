package dev.vestibule.standalone;

import dev.vestibule.config.IngressConfig;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** Addresses as a program on the same machine reaches them. */
final class Urls {
  private Urls() {}

  /** The base URL of the public port. */
  static String ingress(IngressConfig config, int port) {
    return (config.tls() == null ? "http://" : "https://") + authority(config.host(), port);
  }

  /** The base URL of a port that was opened on the given address. */
  static String http(String host, int port) {
    return "http://" + authority(host, port);
  }

  private static String authority(String host, int port) {
    String reachable = isWildcard(host) ? Ports.LOOPBACK : host;
    return (reachable.contains(":") ? "[" + reachable + "]" : reachable) + ":" + port;
  }

  private static boolean isWildcard(String host) {
    try {
      return InetAddress.getByName(host).isAnyLocalAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
