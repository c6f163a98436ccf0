/**
 * Gallagher Command Centre: a server on the premises whose parts link to each other, where a grant
 * is a cardholder with dated memberships. A personal data field carries our key.
 */
@NullMarked
package dev.vestibule.sink.access.target.gallagher;

import org.jspecify.annotations.NullMarked;
