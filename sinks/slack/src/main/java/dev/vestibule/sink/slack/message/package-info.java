/**
 * What is to be done about the message of one visit in one channel, and when a call may be made.
 * Pure: what is written down before a call, what its answer means and what a crash leaves behind
 * are decided here, and carried out by others.
 */
@NullMarked
package dev.vestibule.sink.slack.message;

import org.jspecify.annotations.NullMarked;
