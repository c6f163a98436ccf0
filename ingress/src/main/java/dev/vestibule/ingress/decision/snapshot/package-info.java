/**
 * Keeps policies and watchlist in memory as the compacted topics have them. A reader that cannot
 * tell whether it has everything keeps what it has, and says since when it does not know.
 */
@NullMarked
package dev.vestibule.ingress.decision.snapshot;

import org.jspecify.annotations.NullMarked;
