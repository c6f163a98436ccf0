/**
 * What a visitor shall be able to open, and why. The rules, the state of each visit and the moves
 * that follow from it are pure; the keeper of the doors carries them out against one target.
 */
@NullMarked
package dev.vestibule.sink.access;

import org.jspecify.annotations.NullMarked;
