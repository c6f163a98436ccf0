/** Tests of the lanes, and what tests of sinks with lanes share. */
@NullMarked
package dev.vestibule.sink.lane;

import org.jspecify.annotations.NullMarked;
