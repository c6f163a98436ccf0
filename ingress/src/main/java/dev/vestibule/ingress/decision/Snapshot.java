package dev.vestibule.ingress.decision;

import dev.vestibule.ingress.decision.policy.PolicySet;
import dev.vestibule.ingress.decision.watchlist.Watchlist;
import java.time.Instant;

/**
 * Policies and watchlist as they were known at one moment. Immutable.
 *
 * @param policiesOffset newest record of the policies' topic in it, or -1
 * @param watchlistOffset newest record of the watchlist's topic in it, or -1
 * @param freshAt when both were last known to be complete; {@link Instant#EPOCH} or before: never
 */
public record Snapshot(
    PolicySet policies,
    Watchlist watchlist,
    long policiesOffset,
    long watchlistOffset,
    Instant freshAt) {}
