package dev.vestibule.ingress.signature;

import dev.vestibule.config.Secret;
import dev.vestibule.ingress.signature.Verification.Accepted;
import dev.vestibule.ingress.signature.Verification.Rejected;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A secret segment of the URL, for senders that can do nothing else. */
public final class PathKeyVerifier implements Verifier {
  private final List<Secret> keys;

  /**
   * @param keys all active keys; with none, no path key is accepted
   */
  public PathKeyVerifier(List<Secret> keys) {
    this.keys = List.copyOf(keys);
  }

  @Override
  public Verification verify(UnverifiedRequest request, Instant now) {
    @Nullable String key = request.pathKey();
    if (key == null) {
      return new Rejected(RejectionReason.MISSING_PATH_KEY);
    }
    int fitting = CredentialsVerifier.fitting(keys, key.getBytes(StandardCharsets.UTF_8));
    return fitting < 0
        ? new Rejected(RejectionReason.PATH_KEY_MISMATCH)
        : new Accepted(fitting, null);
  }

  /** Accepts the plain path as well; a key that is given must still fit. */
  public Verifier whenGiven() {
    return (request, now) ->
        request.pathKey() == null ? new Accepted(0, null) : verify(request, now);
  }
}
