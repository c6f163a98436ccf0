/** A Command Centre. It has the tests beside it. */
@NullMarked
package dev.vestibule.sink.access.target.gallagher;

import org.jspecify.annotations.NullMarked;
