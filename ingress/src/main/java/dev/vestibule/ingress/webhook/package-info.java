/**
 * The public HTTP port: reads bodies within their bounds, asks whether they are genuine, and
 * answers what the vendor's retries need to hear. Only here is Micronaut known.
 */
@NullMarked
package dev.vestibule.ingress.webhook;

import org.jspecify.annotations.NullMarked;
