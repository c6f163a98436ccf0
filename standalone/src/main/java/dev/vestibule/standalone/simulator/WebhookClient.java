package dev.vestibule.standalone.simulator;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Posts webhooks and tries again as a vendor does: the same request, byte for byte (no vendor says
 * whether it signs a retry anew, and the old time is the harder case for a receiver).
 */
public final class WebhookClient {
  private final Line line;
  private final Pace pace;

  public WebhookClient(Line line, Pace pace) {
    this.line = line;
    this.pace = pace;
  }

  /** Sends until the rule is satisfied or exhausted. */
  public Delivery deliver(URI url, Webhook webhook, RetryRule rule) throws InterruptedException {
    Answer answer = attempt(url, webhook);
    int attempts = 1;
    for (Duration wait : rule.waits()) {
      if (answer != null && rule.satisfiedBy(answer.status())) {
        break;
      }
      pace.await(wait);
      answer = attempt(url, webhook);
      attempts++;
    }
    return new Delivery(attempts, answer);
  }

  private @Nullable Answer attempt(URI url, Webhook webhook) throws InterruptedException {
    try {
      return line.send(url, webhook);
    } catch (IOException e) {
      // No answer is an outcome of its own: a vendor cannot tell why either.
      return null;
    }
  }

  /** Where a source takes a webhook: {@code <ingress>/hooks/<source>} and its path key, if any. */
  public static URI url(URI ingress, String source, Webhook webhook) {
    String base = ingress.toString();
    return URI.create(
        (base.endsWith("/") ? base.substring(0, base.length() - 1) : base)
            + "/hooks/"
            + source
            + webhook.pathSuffix());
  }
}
