/**
 * A Slack that runs on this machine, for tests and for the demo: the methods that the sink calls,
 * with Slack's limits, refusals and mishaps. What is in its channels can be asked, and looked at.
 */
@NullMarked
package dev.vestibule.fake.slack;

import org.jspecify.annotations.NullMarked;
