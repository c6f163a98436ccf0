package dev.vestibule.sink.access;

import org.jspecify.annotations.Nullable;

/**
 * Something that a person should know. Names nobody.
 *
 * @param eventId event that gave rise to it, or null
 * @param source whose event it was, or null
 * @param site the vendor's id of the place, or null
 */
public record Report(
    Kind kind, @Nullable String eventId, @Nullable String source, @Nullable String site) {

  /** What is the matter. */
  public enum Kind {
    /** No rule names the site of an event that would open something. */
    UNKNOWN_SITE,
    /** An event has no window, so nothing is opened for it. */
    NO_WINDOW,
    /** Somebody waits for an approval. */
    HELD,
    /** The target could not be told in time; nothing is open. */
    EXPIRED,
    /** The target refused; nothing is open. */
    REJECTED,
    /** Access was taken away and the target has not taken that for too long. */
    REVOKE_OVERDUE,
    /** A card has no number that can be opened, or the credential key is missing. */
    CARD_UNREADABLE,
    /** A card was not assigned in time. */
    CARD_EXPIRED,
    /** The target did not take a card. */
    CARD_REJECTED,
    /** A card changed at a place whose cards are assigned, and it is not said whose it is. */
    CARD_OF_NOBODY,
    /** A lockdown is over at the source; nothing is released by that. */
    LOCKDOWN_OVER_AT_SOURCE,
    /** A lockdown was raised that no rule names. */
    LOCKDOWN_WITHOUT_RULE,
    /** A lockdown came too late or by a path that acts on nothing. */
    LOCKDOWN_NOT_LIVE
  }

  static Report of(Kind kind, Fact.Reported fact) {
    return new Report(
        kind, fact.event().getEventId(), fact.event().getSource(), fact.event().getSite().getId());
  }

  static Report of(Kind kind, Card card) {
    return new Report(kind, card.newest().eventId(), null, null);
  }

  static Report of(Kind kind, Terms terms) {
    return new Report(kind, terms.eventId(), terms.source(), null);
  }
}
