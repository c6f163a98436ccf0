package dev.vestibule.ingress.decision.envoy;

import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a token as long as it is fresh. Whoever comes while a new one is asked for waits for it.
 */
final class TokenCache {
  private final Supplier<Asked> ask;
  private final InstantSource clock;
  private @Nullable AccessToken token;
  private @Nullable CompletableFuture<Asked> underway;

  /** What asking for a token came to. */
  sealed interface Asked {
    /** Here it is. */
    record Granted(AccessToken token) implements Asked {}

    /** There is none. */
    record Failed(Registration registration) implements Asked {}
  }

  /**
   * @param ask asks for a new one; may block for a while
   */
  TokenCache(Supplier<Asked> ask, InstantSource clock) {
    this.ask = ask;
    this.clock = clock;
  }

  /** A token, perhaps in a while; never fails. */
  synchronized CompletableFuture<Asked> get() {
    AccessToken known = token;
    if (known != null && known.isFresh(clock.instant())) {
      return CompletableFuture.completedFuture(new Asked.Granted(known));
    }
    if (underway == null) {
      underway = CompletableFuture.supplyAsync(this::renew, Thread::startVirtualThread);
    }
    return underway;
  }

  /** Forgets a token that was refused, unless there is another one by now. */
  synchronized void drop(AccessToken refused) {
    if (refused.equals(token)) {
      token = null;
    }
  }

  private Asked renew() {
    Asked asked = new Asked.Failed(Registration.UNAVAILABLE);
    try {
      asked = ask.get();
    } finally {
      asked = landed(asked);
    }
    return asked;
  }

  private synchronized Asked landed(Asked asked) {
    underway = null;
    AccessToken known = token;
    return switch (asked) {
      case Asked.Granted(AccessToken granted) -> {
        token = granted;
        yield asked;
      }
      // Renewal begins early, so that it may fail for a while.
      case Asked.Failed failed ->
          known != null && known.isValid(clock.instant()) ? new Asked.Granted(known) : failed;
    };
  }
}
