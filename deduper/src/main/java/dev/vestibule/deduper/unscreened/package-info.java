/**
 * Finds visitors who signed in where a decision should have been made first and was not: the other
 * side of a hook whose silence lets people in. What is known lies in topics; nothing is stored
 * here.
 */
@NullMarked
package dev.vestibule.deduper.unscreened;

import org.jspecify.annotations.NullMarked;
