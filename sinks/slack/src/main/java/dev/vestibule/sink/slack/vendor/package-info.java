/**
 * Tells a vendor's own system what a person answered in Slack. An answer that may have arrived is
 * never told twice.
 */
@NullMarked
package dev.vestibule.sink.slack.vendor;

import org.jspecify.annotations.NullMarked;
