/** Tests of the flow from a call to its answer. Without Kafka and HTTP. */
@NullMarked
package dev.vestibule.ingress.decision;

import org.jspecify.annotations.NullMarked;
