package dev.vestibule.ingress.decision.watchlist;

import java.util.List;

/**
 * What a watchlist says about a visitor.
 *
 * @param hits exact ones first, then by field and entry id; of at most {@link #MOST} entries
 * @param complete false when a value of the visitor was too long to be compared as a whole, or
 *     there were more entries: without hits that is a doubt, not a clearance
 */
public record Match(List<Hit> hits, boolean complete) {
  /** Entries beyond this number are not listed: one is enough to look. */
  public static final int MOST = 100;

  public Match {
    hits = List.copyOf(hits);
  }

  /** Nobody is watched for, and everything could be compared. */
  public boolean clear() {
    return hits.isEmpty() && complete;
  }
}
