package dev.vestibule.ingress.webhook;

import dev.vestibule.ingress.publish.Receipt;
import org.jspecify.annotations.Nullable;

/**
 * What the sender hears. The body is always {@code {}}: reasons are for our metrics, not for those
 * who try.
 *
 * @param status one of 200, 401, 404, 405, 413, 429, 503; never 400 or 412, which tell Envoy that
 *     the event is dealt with
 * @param retryAfterSeconds or null
 * @param receipt position of the record, or null
 */
public record Answer(int status, @Nullable Integer retryAfterSeconds, @Nullable Receipt receipt) {

  static Answer of(int status) {
    return new Answer(status, null, null);
  }

  static Answer stored(Receipt receipt) {
    return new Answer(200, null, receipt);
  }

  static Answer retry(int status, int afterSeconds) {
    return new Answer(status, afterSeconds, null);
  }
}
