package dev.vestibule.sink.access;

import dev.vestibule.contract.VisitVersion;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A card of a visit: what is wanted of it, and what may be at the target. Its number is here only
 * as the event had it: sealed.
 *
 * @param id the vendor's id of it; {@link #OWN} for the card that a visit's own reports tell of
 * @param newest newest fact about it; nothing at or below it assigns
 * @param returns event ids of the facts that took it back, newest last; a copy changes nothing
 * @param wanted what shall be assigned; null for nothing
 * @param since when something else was wanted than before, for the alarm
 * @param given what may be assigned; null for nothing
 */
record Card(
    String id,
    VisitVersion newest,
    List<String> returns,
    @Nullable Wanted wanted,
    Instant since,
    @Nullable Given given) {
  static final String OWN = "";

  /** A copy of an older return than these takes back again, which does no harm. */
  private static final int RETURNS_KEPT = 8;

  Card {
    returns = List.copyOf(returns);
  }

  /**
   * @param fingerprint keyed hash of what is sealed
   * @param sealed the event's own bytes, as base64
   * @param freshUntil when the fact is too old to assign anything
   */
  record Wanted(String fingerprint, String sealed, Instant freshUntil) {}

  /**
   * @param sure whether the target has said so; otherwise it was only asked
   * @param sequence of the visit when it was assigned, so whose window it has
   * @param print keyed hash of the number alone, as the target has it; null until it was told
   */
  record Given(
      String fingerprint, String sealed, boolean sure, long sequence, @Nullable String print) {
    Given unsure() {
      return new Given(fingerprint, sealed, false, sequence, print);
    }
  }

  /** Whether what may be assigned is what is wanted. */
  boolean isSame() {
    return wanted != null && given != null && wanted.fingerprint().equals(given.fingerprint());
  }

  /** Whether it is, may be or shall be assigned. */
  boolean isOut() {
    return wanted != null || given != null;
  }

  boolean isSure() {
    return given != null && given.sure();
  }

  Card wanting(@Nullable Wanted next, VisitVersion version, Instant now) {
    Wanted before = wanted;
    if (before == null || next == null || !before.fingerprint().equals(next.fingerprint())) {
      return new Card(id, version, returns, next, now, given);
    }
    // Sealing the same again makes other bytes; the first ones do as well.
    Wanted same = new Wanted(before.fingerprint(), before.sealed(), next.freshUntil());
    return new Card(id, version, returns, same, since, given);
  }

  /** Wants nothing any more. */
  Card unwanted(Instant now) {
    return wanted == null ? this : new Card(id, newest, returns, null, now, given);
  }

  Card returnedBy(String eventId) {
    List<String> all = new ArrayList<>(returns);
    all.add(eventId);
    List<String> kept = all.subList(Math.max(0, all.size() - RETURNS_KEPT), all.size());
    return new Card(id, newest, kept, wanted, since, given);
  }

  Card with(@Nullable Given next) {
    return new Card(id, newest, returns, wanted, since, next);
  }
}
