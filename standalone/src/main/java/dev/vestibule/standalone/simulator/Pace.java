package dev.vestibule.standalone.simulator;

import java.time.Duration;

/** How a sender waits between two attempts; hours for a vendor, milliseconds for a rehearsal. */
@FunctionalInterface
public interface Pace {

  void await(Duration wait) throws InterruptedException;

  /** Waits as long as the vendor would. */
  static Pace real() {
    return Thread::sleep;
  }

  /** Waits a fraction of the vendor's time: {@code shrunk(1000)} makes a second of 16 minutes. */
  static Pace shrunk(long divisor) {
    return wait -> Thread.sleep(wait.dividedBy(divisor));
  }
}
