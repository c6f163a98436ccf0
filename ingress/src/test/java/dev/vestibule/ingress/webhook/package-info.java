/** Tests of the package of the same name. */
@NullMarked
package dev.vestibule.ingress.webhook;

import org.jspecify.annotations.NullMarked;
