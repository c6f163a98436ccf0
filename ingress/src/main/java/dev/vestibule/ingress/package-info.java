/**
 * Where vendors' webhooks enter: verified over the bytes that arrived, stored as raw records, and
 * answered only when they are durable.
 */
@NullMarked
package dev.vestibule.ingress;

import org.jspecify.annotations.NullMarked;
