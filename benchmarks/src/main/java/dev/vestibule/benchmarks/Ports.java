package dev.vestibule.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** For processes that must be told their port before they run. */
public final class Ports {
  private Ports() {}

  /** One of the loopback's that nobody has now. */
  public static int free() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
