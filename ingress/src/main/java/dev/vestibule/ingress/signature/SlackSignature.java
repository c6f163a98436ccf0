package dev.vestibule.ingress.signature;

import dev.vestibule.ingress.signature.SignatureScheme.Encoding;
import dev.vestibule.ingress.signature.SignatureScheme.Timestamp;
import java.time.Duration;

/**
 * Slack's signature of requests, version 0. Slack's own library judges it less strictly: it takes
 * any time in the future and compares in a time that tells where the difference is.
 *
 * @see <a href="https://docs.slack.dev/authentication/verifying-requests-from-slack">Verifying
 *     requests from Slack</a>
 */
public final class SlackSignature {
  private static final Duration FIVE_MINUTES = Duration.ofMinutes(5);

  public static final SignatureScheme SCHEME =
      new SignatureScheme(
          "X-Slack-Signature",
          new SignatureLayout.Single("v0="),
          Encoding.HEX,
          SignedText.of("v0:{timestamp}:{body}"),
          new Timestamp("X-Slack-Request-Timestamp", 1, 12, FIVE_MINUTES, FIVE_MINUTES),
          null);

  private SlackSignature() {}
}
