/**
 * A small schema registry inside this JVM, for installations on the embedded broker: the part of
 * Confluent's HTTP interface that serializers and tools use. Everything it knows lies in one
 * compacted Kafka topic, so it needs no storage of its own.
 */
@NullMarked
package dev.vestibule.standalone.registry;

import org.jspecify.annotations.NullMarked;
