/**
 * What people click in Slack: whether a request is Slack's, what was answered, and whether the
 * answer counts. A click is a request of somebody, never an authority.
 */
@NullMarked
package dev.vestibule.sink.slack.click;

import org.jspecify.annotations.NullMarked;
