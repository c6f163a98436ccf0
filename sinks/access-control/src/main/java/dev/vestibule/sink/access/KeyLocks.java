package dev.vestibule.sink.access;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/** A lock for each key, kept as long as somebody holds it or waits for it. */
final class KeyLocks {
  private final ConcurrentHashMap<String, Counted> locks = new ConcurrentHashMap<>();

  /** Waits for the lock; whoever closes what it returns gives it back. */
  Held hold(String key) {
    Counted counted =
        locks.compute(
            key,
            (_, known) -> {
              Counted lock = known == null ? new Counted() : known;
              lock.users++;
              return lock;
            });
    counted.lock.lock();
    return () -> {
      counted.lock.unlock();
      locks.compute(key, (_, lock) -> lock == null || --lock.users == 0 ? null : lock);
    };
  }

  /** Nobody holds or waits. */
  boolean idle() {
    return locks.isEmpty();
  }

  /** A lock that is held. */
  interface Held extends AutoCloseable {
    @Override
    void close();
  }

  private static final class Counted {
    final ReentrantLock lock = new ReentrantLock(true);

    /** Changed only inside the map's own lock. */
    int users;
  }
}
