package dev.vestibule.config;

import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What holds for the watchlist of an installation.
 *
 * @param country ISO 3166 country of phone numbers that are written without a country code, e.g.
 *     {@code DE}; null where such numbers are compared digit by digit
 * @param feed sources whose own screening puts people on it; may be empty
 * @param feedFor how long such an entry holds after the hit has arrived
 */
public record WatchlistConfig(@Nullable String country, Set<String> feed, Duration feedFor) {
  static final Duration DEFAULT_FEED_FOR = Duration.ofDays(30);

  /** What holds where nothing is configured. */
  public static final WatchlistConfig DEFAULT =
      new WatchlistConfig(null, Set.of(), DEFAULT_FEED_FOR);

  public WatchlistConfig {
    feed = Set.copyOf(feed);
  }
}
