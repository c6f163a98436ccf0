package dev.vestibule.config;

import org.jspecify.annotations.Nullable;

/**
 * What holds for the watchlist of an installation.
 *
 * @param country ISO 3166 country of phone numbers that are written without a country code, e.g.
 *     {@code DE}; null where such numbers are compared digit by digit
 */
public record WatchlistConfig(@Nullable String country) {

  /** What holds where nothing is configured. */
  public static final WatchlistConfig DEFAULT = new WatchlistConfig(null);
}
