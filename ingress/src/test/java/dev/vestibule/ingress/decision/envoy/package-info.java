/** Tests of registrations at Envoy, against a server that keeps to Envoy's contract. */
@NullMarked
package dev.vestibule.ingress.decision.envoy;

import org.jspecify.annotations.NullMarked;
