/** Tests of the package of the same name. */
@NullMarked
package dev.vestibule.ingress.vendor;

import org.jspecify.annotations.NullMarked;
