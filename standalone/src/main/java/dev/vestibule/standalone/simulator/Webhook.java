package dev.vestibule.standalone.simulator;

import java.util.LinkedHashMap;
import java.util.Map;

/** One HTTP request as a vendor sends it: exact bytes, headers, and what follows the source. */
public final class Webhook {
  private final byte[] body;
  private final Map<String, String> headers;
  private final String pathSuffix;

  /**
   * @param pathSuffix what the URL holds after {@code /hooks/{source}}: empty, or {@code /key/…}
   */
  public Webhook(byte[] body, Map<String, String> headers, String pathSuffix) {
    this.body = body.clone();
    this.headers = new LinkedHashMap<>(headers);
    this.pathSuffix = pathSuffix;
  }

  public byte[] body() {
    return body.clone();
  }

  public Map<String, String> headers() {
    return Map.copyOf(headers);
  }

  public String pathSuffix() {
    return pathSuffix;
  }

  /** The same request with one header more, or another value for it. */
  public Webhook withHeader(String name, String value) {
    Map<String, String> changed = new LinkedHashMap<>(headers);
    changed.keySet().removeIf(name::equalsIgnoreCase);
    changed.put(name, value);
    return new Webhook(body, changed, pathSuffix);
  }

  /** The same request without any proof of who sent it: content type only, no path key. */
  public Webhook unsigned() {
    return new Webhook(body, Map.of("Content-Type", "application/json"), "");
  }

  /** The same headers over other bytes: what a forger can do. */
  public Webhook withBody(byte[] other) {
    return new Webhook(other, headers, pathSuffix);
  }

  /** Headers and path keys hold secrets, bodies hold people: neither is printed. */
  @Override
  public String toString() {
    return "Webhook[" + body.length + " bytes]";
  }
}
