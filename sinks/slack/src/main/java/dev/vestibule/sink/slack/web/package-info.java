/**
 * The wire to Slack: calls of its Web API by the synchronous client of its SDK, and what the
 * answers mean. Nothing here waits, tries again or remembers what was said.
 */
@NullMarked
package dev.vestibule.sink.slack.web;

import org.jspecify.annotations.NullMarked;
