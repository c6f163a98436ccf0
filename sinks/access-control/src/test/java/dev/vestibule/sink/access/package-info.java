/** Tests of what a visitor may open, and why. */
@NullMarked
package dev.vestibule.sink.access;

import org.jspecify.annotations.NullMarked;
