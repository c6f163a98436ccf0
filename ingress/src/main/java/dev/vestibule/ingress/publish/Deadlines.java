package dev.vestibule.ingress.publish;

import io.netty.util.HashedWheelTimer;
import io.netty.util.Timeout;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Ends futures that take too long. For deadlines of every request, which nearly never strike:
 * {@link CompletableFuture#orTimeout} wakes a thread for each.
 */
public final class Deadlines {
  private static final long TICK_MILLIS = 20;

  private static final HashedWheelTimer TIMER =
      new HashedWheelTimer(
          Thread.ofPlatform().daemon().name("deadlines").factory(),
          TICK_MILLIS,
          TimeUnit.MILLISECONDS);

  private Deadlines() {}

  /**
   * Fails the future with a {@link TimeoutException} if it is not done by then.
   *
   * @param nanos from now; what is not positive is over at once
   * @return the same future
   */
  public static <T> CompletableFuture<T> end(CompletableFuture<T> future, long nanos) {
    if (!future.isDone()) {
      Timeout timeout =
          TIMER.newTimeout(
              _ -> future.completeExceptionally(new TimeoutException()),
              Math.max(0, nanos),
              TimeUnit.NANOSECONDS);
      var _ = future.whenComplete((_, _) -> timeout.cancel());
    }
    return future;
  }
}
