package dev.vestibule.ingress.decision.watchlist;

import org.jspecify.annotations.Nullable;

/** A visitor, as far as a watchlist looks at one; what is not known is null. */
public record Person(
    @Nullable String name,
    @Nullable String email,
    @Nullable String phone,
    @Nullable String company) {

  /** Says nothing about the person. */
  @Override
  public String toString() {
    return "Person[]";
  }
}
