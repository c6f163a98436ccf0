package dev.vestibule.fake.slack;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One request.
 *
 * @param form its parameters in their order
 * @param result {@code ok}, the code of an error, {@code limited}, {@code drop}, {@code hang} or a
 *     status
 */
public record Call(Instant at, String method, Map<String, String> form, String result) {
  public Call {
    form = Collections.unmodifiableMap(new LinkedHashMap<>(form));
  }

  /** Leaves out what was sent. */
  @Override
  public String toString() {
    return "Call[" + at + " " + method + " " + result + "]";
  }
}
