package dev.vestibule.sink.access.target.webhook;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The headers of a Standard Webhooks message.
 *
 * @param keys all that sign; several while receivers change from one to the next
 * @see <a href="https://github.com/standard-webhooks/standard-webhooks">the specification</a>
 */
record WebhookSignature(List<SigningKey> keys) {
  WebhookSignature {
    keys = List.copyOf(keys);
  }

  /**
   * @param id the same for every attempt; without a dot
   * @param at when this attempt is made
   * @param body exactly the bytes that are sent
   */
  Map<String, String> headers(String id, Instant at, byte[] body) {
    String timestamp = Long.toString(at.getEpochSecond());
    byte[] head = (id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8);
    byte[] content = new byte[head.length + body.length];
    System.arraycopy(head, 0, content, 0, head.length);
    System.arraycopy(body, 0, content, head.length, body.length);
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("webhook-id", id);
    headers.put("webhook-timestamp", timestamp);
    headers.put(
        "webhook-signature",
        keys.stream().map(key -> key.sign(content)).collect(Collectors.joining(" ")));
    return headers;
  }

  /** Leaves the keys out. */
  @Override
  public String toString() {
    return "WebhookSignature[" + keys.size() + " keys]";
  }
}
