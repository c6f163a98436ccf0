/** Tests of the wire format, of the registry client and of the JSON view. */
@NullMarked
package dev.vestibule.serde;

import org.jspecify.annotations.NullMarked;
