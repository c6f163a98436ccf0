package dev.vestibule.ingress.decision.external;

/**
 * How many second tries there may be: one for every twenty questions, and a few saved up. A service
 * that is slow because it has too much to do must not get twice as much.
 */
final class Hedges {
  static final int SAVED_AT_MOST = 5;
  static final int QUESTIONS_FOR_ONE = 20;

  private int twentieths = SAVED_AT_MOST * QUESTIONS_FOR_ONE;

  synchronized void earn() {
    twentieths = Math.min(twentieths + 1, SAVED_AT_MOST * QUESTIONS_FOR_ONE);
  }

  synchronized boolean spend() {
    if (twentieths < QUESTIONS_FOR_ONE) {
      return false;
    }
    twentieths -= QUESTIONS_FOR_ONE;
    return true;
  }
}
