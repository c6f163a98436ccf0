package dev.vestibule.sink.access;

import dev.vestibule.sink.access.target.Observed;
import dev.vestibule.sink.access.target.TargetException;
import java.util.Optional;

/** What a target answered to a {@link Move}. */
public sealed interface Reply {
  record Done() implements Reply {}

  record Found(Optional<Observed> observed) implements Reply {}

  /**
   * The target has the card.
   *
   * @param print keyed hash of its number
   */
  record Assigned(String print) implements Reply {}

  /** Nothing was called, since the number could not be opened. */
  record Unopened() implements Reply {}

  record Failed(TargetException failure) implements Reply {}
}
