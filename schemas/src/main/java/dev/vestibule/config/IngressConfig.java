package dev.vestibule.config;

/**
 * Ports and limits of the ingress. Port 0 means any free one.
 *
 * @param host address of the public port
 * @param port public port
 * @param adminHost address of the admin port; loopback unless configured
 * @param adminPort admin port
 * @param maxPendingBytes bodies held in memory at once, in bytes; above it requests get 503
 */
public record IngressConfig(
    String host, int port, String adminHost, int adminPort, long maxPendingBytes) {}
