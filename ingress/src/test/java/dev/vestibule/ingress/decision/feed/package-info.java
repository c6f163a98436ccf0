/** Tests of what gets onto the watchlist by itself. Without a broker. */
@NullMarked
package dev.vestibule.ingress.decision.feed;

import org.jspecify.annotations.NullMarked;
