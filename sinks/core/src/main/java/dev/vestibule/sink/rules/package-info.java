/**
 * Files of rules, which people write and review apart from the configuration. What is not
 * understood is an error that names key, value and expectation, since a rule that is passed over is
 * a rule that somebody counts on.
 */
@NullMarked
package dev.vestibule.sink.rules;

import org.jspecify.annotations.NullMarked;
