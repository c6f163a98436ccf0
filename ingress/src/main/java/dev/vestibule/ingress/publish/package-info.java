/**
 * Makes raw records of verified requests and hands them to Kafka. A record counts as durable when
 * all in-sync replicas have acknowledged it, never before.
 */
@NullMarked
package dev.vestibule.ingress.publish;

import org.jspecify.annotations.NullMarked;
