/**
 * What the ingress must know of each vendor, as one table of data and small pure functions: how it
 * signs, which records belong together, and what may not be stored.
 */
@NullMarked
package dev.vestibule.ingress.vendor;

import org.jspecify.annotations.NullMarked;
