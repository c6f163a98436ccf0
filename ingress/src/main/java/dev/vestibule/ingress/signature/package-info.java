/**
 * Decides whether a request is genuine, over exactly the bytes that arrived. Every scheme is data
 * for one HMAC verifier; nothing here knows HTTP servers, JSON or Kafka.
 */
@NullMarked
package dev.vestibule.ingress.signature;

import org.jspecify.annotations.NullMarked;
