/**
 * A real Kafka broker inside this JVM, and the topics that the pipeline needs on any broker. Only
 * this package touches Kafka's own server classes.
 */
@NullMarked
package dev.vestibule.standalone.broker;

import org.jspecify.annotations.NullMarked;
