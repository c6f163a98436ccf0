/**
 * The warehouse sink: every event once in an embedded DuckDB file, with the current state of every
 * visit beside it. Rows and consumed offsets commit in one transaction.
 */
@NullMarked
package dev.vestibule.sink.warehouse;

import org.jspecify.annotations.NullMarked;
