package dev.vestibule.ingress.decision;

import dev.vestibule.ingress.decision.policy.PolicySet;
import dev.vestibule.ingress.decision.watchlist.Normal;
import dev.vestibule.ingress.decision.watchlist.Watchlist;
import java.time.Instant;

/** What is known before anything was read; made when somebody asks, since it takes a moment. */
final class Nothing {
  static final Snapshot SNAPSHOT =
      new Snapshot(PolicySet.EMPTY, Watchlist.empty(new Normal(null)), -1, -1, Instant.EPOCH);

  private Nothing() {}
}
