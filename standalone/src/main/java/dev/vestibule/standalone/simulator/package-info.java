/**
 * The vendors as senders: they word, sign, post and retry webhooks the way each of them does. Used
 * by the {@code send} and {@code demo} commands and by tests, and written without looking at the
 * ingress, so that a mistake there is not repeated here.
 */
@NullMarked
package dev.vestibule.standalone.simulator;

import org.jspecify.annotations.NullMarked;
