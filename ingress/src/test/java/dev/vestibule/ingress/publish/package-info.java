/** Tests of the package of the same name. */
@NullMarked
package dev.vestibule.ingress.publish;

import org.jspecify.annotations.NullMarked;
