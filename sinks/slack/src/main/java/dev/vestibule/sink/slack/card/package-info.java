/**
 * What stands in Slack about a visit, as Block Kit JSON. Everything is cleaned where it is written
 * out, so that nothing that somebody typed can be more than a few characters on one line.
 */
@NullMarked
package dev.vestibule.sink.slack.card;

import org.jspecify.annotations.NullMarked;
