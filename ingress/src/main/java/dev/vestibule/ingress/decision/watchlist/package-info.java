/**
 * Who must not be let in without a person looking first: entries, the normal forms they are
 * compared by, and an immutable snapshot of a million of them. Pure logic, without Kafka and
 * clocks: records and times are passed in.
 */
@NullMarked
package dev.vestibule.ingress.decision.watchlist;

import org.jspecify.annotations.NullMarked;
