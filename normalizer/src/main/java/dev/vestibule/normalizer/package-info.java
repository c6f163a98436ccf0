/**
 * Turns raw webhooks into visitor events: a pure core ({@link dev.vestibule.normalizer.Normalizer})
 * and a stateless Kafka Streams topology around it. Every record ends as events, a counted ignore
 * or a dead letter.
 */
@NullMarked
package dev.vestibule.normalizer;

import org.jspecify.annotations.NullMarked;
