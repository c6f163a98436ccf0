/**
 * The deduper as a Kafka Streams application: reads {@code visitor.normalized}, keeps each fact
 * once. The decision itself lies in {@code verdict}; here are topics, stores and reports.
 */
@NullMarked
package dev.vestibule.deduper;

import org.jspecify.annotations.NullMarked;
