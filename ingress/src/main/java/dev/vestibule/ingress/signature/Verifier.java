package dev.vestibule.ingress.signature;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Decides whether a request is genuine. Never throws, whatever the request holds. */
@FunctionalInterface
public interface Verifier {

  /**
   * @param now the time against which signed times are judged
   */
  Verification verify(UnverifiedRequest request, Instant now);

  /** Accepts what every one of the verifiers accepts; the first refusal is the answer. */
  static Verifier allOf(List<Verifier> verifiers) {
    if (verifiers.isEmpty()) {
      throw new IllegalArgumentException("nothing to verify with");
    }
    return verifiers.size() == 1
        ? verifiers.getFirst()
        : (request, now) -> {
          Verification.@Nullable Accepted accepted = null;
          for (Verifier verifier : verifiers) {
            switch (verifier.verify(request, now)) {
              case Verification.Rejected rejected -> {
                return rejected;
              }
              case Verification.Accepted next -> {
                if (accepted == null || accepted.signedAt() == null) {
                  accepted = next;
                }
              }
            }
          }
          return Objects.requireNonNull(accepted);
        };
  }

  /**
   * For senders that may or may not sign: a signature that is there must fit, without one the path
   * key decides.
   *
   * @param signatureHeader its presence, even empty or repeated, makes the signature decide
   */
  static Verifier signatureIfPresent(
      String signatureHeader, Verifier signature, PathKeyVerifier pathKey) {
    return (request, now) ->
        request.headers().all(signatureHeader).isEmpty()
            ? pathKey.verify(request, now)
            : signature.verify(request, now);
  }
}
