/** What counts as a change, and what becomes of one that is broken. */
@NullMarked
package dev.vestibule.ingress.reload;

import org.jspecify.annotations.NullMarked;
