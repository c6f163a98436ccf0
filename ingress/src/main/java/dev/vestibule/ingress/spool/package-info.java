/**
 * What is kept on disk while Kafka does not take it: a log per source, and the publisher that
 * chooses between Kafka, the log and a refusal. Knows files and publishers, but neither Kafka's
 * clients nor the HTTP server.
 */
@NullMarked
package dev.vestibule.ingress.spool;

import org.jspecify.annotations.NullMarked;
