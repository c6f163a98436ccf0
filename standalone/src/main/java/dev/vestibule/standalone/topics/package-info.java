/**
 * What an operator does to topics: grow them without losing the order of a visit or the memory of
 * the deduper. {@code docs/growing.md} tells the story.
 */
@NullMarked
package dev.vestibule.standalone.topics;

import org.jspecify.annotations.NullMarked;
