/**
 * What all vendor adapters share: reading JSON leniently, drafting events, keeping secrets out.
 * Nothing in here or below knows Kafka, a clock or the network.
 */
@NullMarked
package dev.vestibule.normalizer.adapter;

import org.jspecify.annotations.NullMarked;
