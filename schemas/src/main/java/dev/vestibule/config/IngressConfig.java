package dev.vestibule.config;

import org.jspecify.annotations.Nullable;

/**
 * Ports and limits of the ingress. Port 0 means any free one.
 *
 * @param host address of the public port
 * @param port public port
 * @param adminHost address of the admin port; loopback unless configured
 * @param adminPort admin port
 * @param maxPendingBytes memory for unfinished requests, in bytes; above it requests get 503
 * @param connections limits of connections to the public port
 * @param tls certificates of the public port, or null for plain HTTP
 */
public record IngressConfig(
    String host,
    int port,
    String adminHost,
    int adminPort,
    long maxPendingBytes,
    ConnectionLimits connections,
    @Nullable TlsConfig tls) {

  /** Over plain HTTP, with the usual limits of connections. */
  public IngressConfig(
      String host, int port, String adminHost, int adminPort, long maxPendingBytes) {
    this(host, port, adminHost, adminPort, maxPendingBytes, ConnectionLimits.DEFAULT, null);
  }
}
