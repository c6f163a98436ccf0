package dev.vestibule.standalone;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/** Waits for work that was started on the side. */
final class Futures {
  private Futures() {}

  /** The result; what the work threw comes out as it was, where that is unchecked. */
  static <T> T await(Future<T> future) {
    try {
      return future.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException("a part could not be started", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while starting", e);
    }
  }
}
