/**
 * Which visits are told where, and who may answer a review. Read from a file of rules; what no rule
 * names is told to nobody.
 */
@NullMarked
package dev.vestibule.sink.slack.route;

import org.jspecify.annotations.NullMarked;
