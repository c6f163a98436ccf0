/**
 * The verdict on a record as a pure function of what is remembered and the record. Knows neither
 * Kafka nor a clock: time is the record's own arrival, memory is passed in.
 */
@NullMarked
package dev.vestibule.deduper.verdict;

import org.jspecify.annotations.NullMarked;
