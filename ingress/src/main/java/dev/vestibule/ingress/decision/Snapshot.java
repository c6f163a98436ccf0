package dev.vestibule.ingress.decision;

import dev.vestibule.ingress.decision.policy.PolicySet;
import dev.vestibule.ingress.decision.watchlist.Watchlist;
import java.time.Instant;

/**
 * What decisions rest on at one moment. Immutable.
 *
 * @param policiesOffset of the newest record of {@code visitor.policies} in it; -1 when there is
 *     none
 * @param watchlistOffset the same of {@code visitor.watchlist}
 * @param freshAt everything that was published before this moment is in it; {@link Instant#EPOCH}
 *     when it was never complete
 */
public record Snapshot(
    PolicySet policies,
    Watchlist watchlist,
    long policiesOffset,
    long watchlistOffset,
    Instant freshAt) {}
