/**
 * Answers whether a visitor may enter: policies and watchlist are asked, the answer is written
 * down, and whatever fails or takes too long is a review by a person. Knows Kafka only as a
 * publisher, and nothing of HTTP.
 */
@NullMarked
package dev.vestibule.ingress.decision;

import org.jspecify.annotations.NullMarked;
