package dev.vestibule.standalone.demo;

import dev.vestibule.standalone.simulator.RetryRule;
import dev.vestibule.standalone.simulator.Tally;
import dev.vestibule.standalone.simulator.Webhook;

/**
 * One webhook of the play, with what should come of it.
 *
 * @param source whom it claims to come from
 * @param label what it is, for the narrative
 * @param webhook the signed request
 * @param rule how the sender retries
 * @param lostAnswers how many answers get lost on the way back, each of which brings a copy
 * @param status the answer it should get, each time
 * @param stored raw records that it should leave behind
 * @param effects what should be found on the outgoing topics
 */
record Step(
    String source,
    String label,
    Webhook webhook,
    RetryRule rule,
    int lostAnswers,
    int status,
    int stored,
    Tally effects) {

  /** Requests that reach the ingress. */
  int requests() {
    return 1 + lostAnswers;
  }

  boolean accepted() {
    return status == 200;
  }
}
