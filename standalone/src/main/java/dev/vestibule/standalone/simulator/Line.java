package dev.vestibule.standalone.simulator;

import java.io.IOException;
import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;

/** The network between a vendor and us. */
@FunctionalInterface
public interface Line {

  /**
   * Sends a webhook once.
   *
   * @throws IOException when no answer came; the request may have arrived all the same
   */
  Answer send(URI url, Webhook webhook) throws IOException, InterruptedException;

  /**
   * A line on which requests arrive but the first answers get lost, which is how a receiver gets
   * the same delivery again although it accepted it.
   */
  default Line losingAnswers(int count) {
    AtomicInteger left = new AtomicInteger(count);
    return (url, webhook) -> {
      Answer answer = send(url, webhook);
      if (left.getAndDecrement() > 0) {
        throw new IOException("the answer got lost");
      }
      return answer;
    };
  }
}
