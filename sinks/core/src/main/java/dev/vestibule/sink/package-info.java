/**
 * What every sink shares: which topics it may read, how it consumes them, and how a record becomes
 * an event. Nothing here knows a destination.
 */
@NullMarked
package dev.vestibule.sink;

import org.jspecify.annotations.NullMarked;
