/** Avro in the Confluent wire format, and the client of a Confluent-compatible schema registry. */
@NullMarked
package dev.vestibule.serde;

import org.jspecify.annotations.NullMarked;
