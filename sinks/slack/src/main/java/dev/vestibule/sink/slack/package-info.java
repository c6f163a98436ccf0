/**
 * Tells people in Slack about visits and alerts, and asks those who may answer about reviews. Here
 * the pure parts below it meet Kafka and Slack.
 */
@NullMarked
package dev.vestibule.sink.slack;

import org.jspecify.annotations.NullMarked;
