/**
 * Tests of the warehouse sink on real DuckDB files; Kafka's mock consumer stands for the broker.
 */
@NullMarked
package dev.vestibule.sink.warehouse;

import org.jspecify.annotations.NullMarked;
