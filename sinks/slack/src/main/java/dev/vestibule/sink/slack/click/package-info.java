/**
 * What people click in Slack: what was answered, and whether the answer counts. Ingress has found
 * out before that the request is Slack's. A click is a request of somebody, never an authority.
 */
@NullMarked
package dev.vestibule.sink.slack.click;

import org.jspecify.annotations.NullMarked;
