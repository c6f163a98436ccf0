/** Tests of what sinks share. */
@NullMarked
package dev.vestibule.sink;

import org.jspecify.annotations.NullMarked;
