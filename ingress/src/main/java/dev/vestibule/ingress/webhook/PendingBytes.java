package dev.vestibule.ingress.webhook;

import java.util.concurrent.atomic.AtomicLong;

/** How much memory unfinished requests hold, within a bound. */
final class PendingBytes {
  private final long max;
  private final AtomicLong held = new AtomicLong();

  PendingBytes(long max) {
    this.max = max;
  }

  long held() {
    return held.get();
  }

  /** One request's share; given back on close. */
  Share share() {
    return new Share();
  }

  final class Share implements AutoCloseable {
    private long bytes;

    /** Asks for room for so many bytes more. */
    boolean grow(long more) {
      if (held.addAndGet(more) > max) {
        held.addAndGet(-more);
        return false;
      }
      bytes += more;
      return true;
    }

    @Override
    public void close() {
      held.addAndGet(-bytes);
      bytes = 0;
    }
  }
}
