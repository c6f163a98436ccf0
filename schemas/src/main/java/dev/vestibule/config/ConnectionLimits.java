package dev.vestibule.config;

import java.time.Duration;

/**
 * What strangers may take of the public port.
 *
 * @param max connections at once; for one more, the connection that has kept the ingress waiting
 *     for the longest is closed
 * @param idleTimeout how long a connection may be silent
 * @param requestTimeout how long one request may take to arrive, from its first byte to its last
 * @param maxHeaderBytes all headers of a request together
 * @param maxRequests requests on one connection, which is closed after their answers
 * @param maxPipelined requests that one connection may have sent without an answer
 */
public record ConnectionLimits(
    int max,
    Duration idleTimeout,
    Duration requestTimeout,
    int maxHeaderBytes,
    int maxRequests,
    int maxPipelined) {

  /** What holds where nothing is configured. */
  public static final ConnectionLimits DEFAULT =
      new ConnectionLimits(
          4096, Duration.ofSeconds(60), Duration.ofSeconds(30), 16 * 1024, 100_000, 16);
}
