package dev.vestibule.ingress.webhook;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.vestibule.ingress.publish.Receipt;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the sender hears. The body of nearly everything is {@code {}}: reasons are for our metrics,
 * not for those who try. A review and a set-up step that cannot be finished say what a person
 * should do.
 *
 * @param status one of 200, 401, 404, 405, 413, 429, 503; 412 for a review alone, and never 400:
 *     both tell Envoy that the event is dealt with
 * @param retryAfterSeconds or null
 * @param receipt position of the record, or null
 * @param body JSON
 * @param written to be told whether the answer left for the sender, or null
 */
public record Answer(
    int status,
    @Nullable Integer retryAfterSeconds,
    @Nullable Receipt receipt,
    String body,
    @Nullable Consumer<Boolean> written) {
  private static final String NOTHING = "{}";
  private static final int REVIEW = 412;

  static Answer of(int status) {
    return new Answer(status, null, null, NOTHING, null);
  }

  static Answer stored(Receipt receipt) {
    return new Answer(200, null, receipt, NOTHING, null);
  }

  static Answer retry(int status, int afterSeconds) {
    return new Answer(status, afterSeconds, null, NOTHING, null);
  }

  static Answer approved(@Nullable Receipt receipt, Consumer<Boolean> written) {
    return new Answer(200, null, receipt, NOTHING, written);
  }

  /** A person must look. */
  static Answer review(String message, @Nullable Consumer<Boolean> written) {
    return new Answer(REVIEW, null, null, messageBody(message), written);
  }

  /** A step of the set-up cannot be finished; whoever takes it reads why. */
  static Answer stop(String message) {
    return new Answer(503, 5, null, messageBody(message), null);
  }

  /** A body whose message is shown to a person. */
  static String messageBody(String message) {
    return "{\"message\":\""
        + new String(JsonStringEncoder.getInstance().quoteAsString(message))
        + "\"}";
  }
}
