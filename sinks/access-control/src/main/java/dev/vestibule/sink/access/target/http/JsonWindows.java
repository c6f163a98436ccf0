package dev.vestibule.sink.access.target.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/**
 * Writes a vendor's JSON, and refuses to write a grant that does not end: several targets take a
 * missing or empty end as never.
 *
 * @param from the vendor's field for a begin
 * @param until its field for an end
 * @param owner a field that only an object with an end may have
 */
public record JsonWindows(String from, String until, String owner) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * @throws IllegalStateException when a window in it does not end
   */
  public byte[] written(JsonNode body) {
    check(body);
    try {
      return JSON.writeValueAsBytes(body);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of JSON can be written", e);
    }
  }

  private void check(JsonNode node) {
    if ((node.has(from) || node.has(until) || node.has(owner)) && !ends(node.path(until))) {
      throw new IllegalStateException("what is to be sent has no " + until + "; not sent");
    }
    node.forEach(this::check);
  }

  private static boolean ends(JsonNode end) {
    return end.isTextual()
        ? !end.textValue().isBlank()
        : end.isIntegralNumber() && end.asLong() > 0;
  }
}
