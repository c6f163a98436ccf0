/**
 * How the writers of topics are told to stand still while a topic grows, and which generation of
 * {@code visitor.normalized} counts. All of it lies in one compacted topic, read by every writer
 * and written by {@code vestibule topics grow}.
 */
@NullMarked
package dev.vestibule.control;

import org.jspecify.annotations.NullMarked;
