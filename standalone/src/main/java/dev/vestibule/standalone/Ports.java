package dev.vestibule.standalone;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashMap;
import java.util.Map;

/**
 * Ports of an installation in one process; 0 means any free one.
 *
 * @param ingress public HTTP port
 * @param admin HTTP port for health, metrics and queries
 * @param kafka broker
 * @param registry schema registry
 */
public record Ports(int ingress, int admin, int kafka, int registry) {
  static final String LOOPBACK = "127.0.0.1";

  /** Four free ports. */
  public static Ports free() {
    return new Ports(0, 0, 0, 0);
  }

  /**
   * Finds out before anything starts whether each port can be had.
   *
   * @throws Failure naming the port and the flag that chooses another
   */
  void check(String ingressHost, String adminHost) {
    Map<Integer, String> flags = new HashMap<>();
    check("--port", ingressHost, ingress, flags);
    check("--admin-port", adminHost, admin, flags);
    check("--kafka-port", LOOPBACK, kafka, flags);
    check("--registry-port", LOOPBACK, registry, flags);
  }

  private static void check(String flag, String host, int port, Map<Integer, String> flags) {
    if (port == 0) {
      return;
    }
    String other = flags.putIfAbsent(port, flag);
    if (other != null) {
      throw new Failure(other + " and " + flag + " are both " + port + "; expected two ports");
    }
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(host, port));
    } catch (IOException e) {
      throw new Failure(
          "port "
              + port
              + " on "
              + host
              + " cannot be used ("
              + e.getMessage()
              + "); free it or choose another one with "
              + flag
              + " (0 = any free one)",
          e);
    }
  }
}
