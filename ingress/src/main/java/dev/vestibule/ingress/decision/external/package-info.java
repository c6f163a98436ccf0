/**
 * Asks a customer's own service about a visit, within bounds of time, load and trust. What it says
 * means for a decision is none of its business, and neither Kafka nor Micronaut are known here.
 */
@NullMarked
package dev.vestibule.ingress.decision.external;

import org.jspecify.annotations.NullMarked;
