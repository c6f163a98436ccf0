package dev.vestibule.sink.access;

import dev.vestibule.sink.access.target.Grant;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What is to be done at the target about one visit. */
public sealed interface Move {

  /**
   * Nothing.
   *
   * @param until when to come back without a fact, or null for never
   */
  record Rest(@Nullable Instant until) implements Move {}

  /**
   * See what is there.
   *
   * @param sequence what is wanted
   */
  record Look(long sequence) implements Move {}

  record Give(Grant grant) implements Move {}

  /** Take away whatever is there. */
  record Take(long sequence) implements Move {}

  /**
   * Give a card to the visitor.
   *
   * @param card which one, as in {@link Card#id}
   * @param sealed its number, as base64
   * @param sequence of the visit
   * @param before what was known to be assigned before the call
   */
  record Assign(
      String card, String fingerprint, String sealed, long sequence, Card.@Nullable Given before)
      implements Move {}

  /** Take a card back. */
  record Return(String card, String fingerprint, String sealed) implements Move {}

  /** Have the target forget the person. */
  record Forget() implements Move {}
}
