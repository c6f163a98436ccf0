package dev.vestibule.sink.access.target.http;

import java.net.URI;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One request.
 *
 * @param name what it does, for messages; e.g. {@code UniFi: create visitor}
 * @param changes whether it may have an effect at the doors: then no answer means doubt
 * @param body or null
 */
@SuppressWarnings("ArrayRecordComponent") // bytes as they came or go; never compared
public record Call(
    String name,
    String method,
    URI uri,
    Map<String, String> headers,
    byte @Nullable [] body,
    boolean changes) {

  /** Leaves headers, body and query out. */
  @Override
  public String toString() {
    return name;
  }
}
