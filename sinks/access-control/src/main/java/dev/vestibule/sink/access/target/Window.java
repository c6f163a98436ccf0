package dev.vestibule.sink.access.target;

import dev.vestibule.sink.access.target.TargetException.Kind;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * A grant's time in the whole seconds that targets speak; never longer than the grant's.
 *
 * @param from when it begins
 * @param until when it ends; after {@code from}
 */
public record Window(Instant from, Instant until) {

  /**
   * The window of a grant.
   *
   * @throws TargetException {@code REJECTED} where nothing is left of it in whole seconds
   */
  public static Window of(Grant grant) throws TargetException {
    Instant from = grant.validFrom().truncatedTo(ChronoUnit.SECONDS);
    Instant until = grant.validUntil().truncatedTo(ChronoUnit.SECONDS);
    if (!until.isAfter(from)) {
      throw new TargetException(
          Kind.REJECTED, "grant " + grant.key() + " is shorter than a second; nothing is opened");
    }
    return new Window(from, until);
  }
}
