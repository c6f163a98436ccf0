package dev.vestibule.ingress.signature;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What a {@link Verifier} says about a request. */
public sealed interface Verification {

  /**
   * The request is genuine.
   *
   * @param secretIndex position of the secret that fits, in the order of the configuration
   * @param signedAt the time that the signature covers, or null where the scheme signs none
   */
  record Accepted(int secretIndex, @Nullable Instant signedAt) implements Verification {}

  /** The request is not accepted. */
  record Rejected(RejectionReason reason) implements Verification {}
}
