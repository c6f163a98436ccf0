package dev.vestibule.sink.access.target.http;

import dev.vestibule.sink.access.target.TargetException;

/** How calls reach a target. It repeats nothing that changes anything. */
@FunctionalInterface
public interface Transport extends AutoCloseable {

  /** Waits for its turn where there are turns, then sends. */
  default Answer send(Call call) throws TargetException, InterruptedException {
    return sendAtOnce(call);
  }

  /**
   * Sends without waiting for a turn, as a lockdown must.
   *
   * @return the answer, whatever its status
   * @throws TargetException when there is none: {@code RETRY} where nothing was sent or the call
   *     changes nothing, {@code AMBIGUOUS} else, {@code AUTH} for a certificate that does not fit
   */
  Answer sendAtOnce(Call call) throws TargetException, InterruptedException;

  @Override
  default void close() {}
}
