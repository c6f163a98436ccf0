/**
 * Physical access-control systems behind one port. An adapter knows its vendor's wire and nothing
 * of events, rules or Kafka.
 */
@NullMarked
package dev.vestibule.sink.access.target;

import org.jspecify.annotations.NullMarked;
