package dev.vestibule.ingress.decision.feed;

import dev.vestibule.config.SourceConfig;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.ingress.decision.feed.Hits.Reading.Enter;
import dev.vestibule.ingress.decision.feed.Hits.Reading.Passed;
import dev.vestibule.ingress.decision.watchlist.Entry;
import dev.vestibule.ingress.decision.watchlist.Normal;
import dev.vestibule.ingress.decision.watchlist.Screening;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Which events call for an entry. */
final class Hits {
  private final Set<Account> accounts;
  private final Duration keep;
  private final Normal normal;

  private record Account(String vendor, String account) {}

  /** What an event amounts to. */
  sealed interface Reading {
    /** Somebody to watch for. */
    record Enter(Entry entry) implements Reading {}

    /** Nobody. */
    record Passed(Reason reason) implements Reading {}
  }

  /** Why an event calls for no entry; also the tag of the metric. */
  enum Reason {
    /** It is no hit, or one of an account that is not to be heard. */
    OTHER,
    /** It cannot be read. */
    MALFORMED,
    /** It does not say who it is, well enough to tell from others. */
    UNIDENTIFIED,
    /** It is so old that its entry would be over. */
    EXPIRED
  }

  /**
   * @param sources whose hits count, and those of other sources of the same account
   * @param keep how long an entry holds after the hit has arrived
   */
  Hits(Collection<SourceConfig> sources, Duration keep, Normal normal) {
    this.accounts =
        sources.stream()
            .map(source -> new Account(source.vendor().id(), source.account()))
            .collect(Collectors.toUnmodifiableSet());
    this.keep = keep;
    this.normal = normal;
  }

  /**
   * Judges one event; never fails.
   *
   * @param event null where a record was none
   */
  Reading read(@Nullable VisitorEvent event, Instant now) {
    if (event == null) {
      return new Passed(Reason.MALFORMED);
    }
    if (!Screening.isHit(event)
        || !accounts.contains(new Account(event.getVendor(), event.getAccount()))) {
      return new Passed(Reason.OTHER);
    }
    Optional<Entry> entry;
    try {
      entry = Screening.entry(event, keep, normal);
    } catch (RuntimeException e) {
      // Whatever is wrong with it, or with us: it must not keep the others out.
      return new Passed(Reason.MALFORMED);
    }
    if (entry.isEmpty()) {
      return new Passed(Reason.UNIDENTIFIED);
    }
    Instant expires = entry.get().expires();
    return expires != null && !expires.isAfter(now)
        ? new Passed(Reason.EXPIRED)
        : new Enter(entry.get());
  }
}
