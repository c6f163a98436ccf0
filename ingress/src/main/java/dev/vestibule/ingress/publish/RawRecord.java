package dev.vestibule.ingress.publish;

import dev.vestibule.contract.Headers;
import java.util.LinkedHashMap;
import java.util.Map;

/** What will be a record of a raw topic. */
public final class RawRecord {
  private final String topic;
  private final String key;
  private final Map<String, String> headers;
  private final byte[] value;

  /**
   * @param topic full topic name
   * @param key {@code {account}:{object}}
   * @param headers by the names of {@code dev.vestibule.contract.Headers}
   * @param value the body as it is stored; not copied
   */
  public RawRecord(String topic, String key, Map<String, String> headers, byte[] value) {
    this.topic = topic;
    this.key = key;
    this.headers = headers;
    this.value = value;
  }

  /** The same record with one more header. */
  public RawRecord with(String header, String text) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(header, text);
    return new RawRecord(topic, key, more, value);
  }

  /** Configured name of the sender. */
  public String source() {
    return headers.getOrDefault(Headers.SOURCE, "");
  }

  public String topic() {
    return topic;
  }

  public String key() {
    return key;
  }

  public Map<String, String> headers() {
    return headers;
  }

  /** The bytes themselves, not a copy. */
  public byte[] value() {
    return value;
  }
}
