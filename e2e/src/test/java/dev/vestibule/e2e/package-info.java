/** Tests across rooms: the whole path on a real broker, and what crashes must not change. */
@NullMarked
package dev.vestibule.e2e;

import org.jspecify.annotations.NullMarked;
