package dev.vestibule.fake.slack;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Map;

/**
 * The request that Slack makes when somebody clicks.
 *
 * @param body a form with one field {@code payload}; ASCII
 * @param headers with Slack's signature of the body
 */
public record Click(String body, Map<String, String> headers) {
  public Click {
    headers = Map.copyOf(headers);
  }

  /** The body as it goes over the wire. */
  public byte[] bytes() {
    return body.getBytes(US_ASCII);
  }

  /** The body can be used to answer, so it does not print. */
  @Override
  public String toString() {
    return "Click[" + body.length() + " characters]";
  }
}
