/**
 * Puts people on the watchlist whom a vendor's own screening has found. At least once, by ids that
 * follow from who it is.
 */
@NullMarked
package dev.vestibule.ingress.decision.feed;

import org.jspecify.annotations.NullMarked;
