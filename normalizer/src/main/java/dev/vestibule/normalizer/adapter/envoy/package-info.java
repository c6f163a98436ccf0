/**
 * Envoy: dashboard apps ({@code meta} + {@code payload}), the Webhooks app ({@code event} + {@code
 * payload}) and the synchronous hook. All three carry the same JSON:API resources.
 */
@NullMarked
package dev.vestibule.normalizer.adapter.envoy;

import org.jspecify.annotations.NullMarked;
