package dev.vestibule.sink.access.target;

/**
 * A card number in clear. Whoever knows it may be able to copy the card, so it does not print and
 * is not kept.
 */
public record CardNumber(String value) {
  @Override
  public String toString() {
    return "CardNumber[]";
  }
}
