/** The sink as a whole, with states in memory and a Slack that says what a test wants. */
@NullMarked
package dev.vestibule.sink.slack;

import org.jspecify.annotations.NullMarked;
