/**
 * One fact on many paths: raw deliveries in, verdicts out. The real normalizer and the real deduper
 * run one after the other, without a broker.
 */
@NullMarked
package dev.vestibule.e2e.paths;

import org.jspecify.annotations.NullMarked;
