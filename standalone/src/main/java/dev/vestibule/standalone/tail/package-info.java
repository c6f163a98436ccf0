/**
 * Reads a topic from outside and prints its records as lines of JSON. Knows Kafka and the registry
 * as any client would, and nothing of the other rooms.
 */
@NullMarked
package dev.vestibule.standalone.tail;

import org.jspecify.annotations.NullMarked;
