package dev.vestibule.ingress.signature;

import org.jspecify.annotations.Nullable;

/** A request before anybody believes it: bytes and headers, nothing parsed. */
public final class UnverifiedRequest {
  private final HeaderValues headers;
  private final @Nullable String pathKey;
  private final byte[] body;

  /**
   * @param headers the request's headers
   * @param pathKey last segment of {@code /hooks/{source}/key/{pathKey}}, or null on the plain path
   * @param body the exact bytes that the sender signed; not copied
   */
  public UnverifiedRequest(HeaderValues headers, @Nullable String pathKey, byte[] body) {
    this.headers = headers;
    this.pathKey = pathKey;
    this.body = body;
  }

  public HeaderValues headers() {
    return headers;
  }

  public @Nullable String pathKey() {
    return pathKey;
  }

  /** The bytes themselves, not a copy. */
  public byte[] body() {
    return body;
  }
}
