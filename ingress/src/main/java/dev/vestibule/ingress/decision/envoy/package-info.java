/**
 * Tells Envoy's plugin API which installations ask before they let a visitor in. Tokens and secrets
 * live in memory and in requests to that API, and nowhere else.
 */
@NullMarked
package dev.vestibule.ingress.decision.envoy;

import org.jspecify.annotations.NullMarked;
