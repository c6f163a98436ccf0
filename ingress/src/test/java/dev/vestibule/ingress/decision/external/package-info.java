/** Tests of asking a customer's service, against one that misbehaves in every way it can. */
@NullMarked
package dev.vestibule.ingress.decision.external;

import org.jspecify.annotations.NullMarked;
