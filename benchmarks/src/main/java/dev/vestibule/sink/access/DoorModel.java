package dev.vestibule.sink.access;

import dev.vestibule.contract.Verdict;
import dev.vestibule.contract.VisitVersion;
import dev.vestibule.events.EventType;
import dev.vestibule.events.VisitorEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the door of one visit should be, said a second time and in another way: by times instead of
 * tombstones, and without anything of the target. Sees the facts in the order in which they were
 * taken.
 */
final class DoorModel {
  private static final Duration FRESH = Duration.ofMinutes(15);
  private static final Set<EventType> CLOSING =
      Set.of(
          EventType.SIGNED_OUT,
          EventType.DENIED,
          EventType.REVIEW_REQUIRED,
          EventType.WATCHLIST_HIT,
          EventType.ERASED,
          EventType.PRE_REGISTRATION_CANCELLED);
  private static final Set<EventType> DOUBTS =
      Set.of(EventType.DENIED, EventType.REVIEW_REQUIRED, EventType.WATCHLIST_HIT);

  private final Set<String> closers = new HashSet<>();
  private final Set<String> approving = new HashSet<>();
  private final Set<String> reviewing = new HashSet<>();
  private Instant closedThrough = Instant.MIN;
  private @Nullable VisitVersion newest;
  private @Nullable VisitorEvent current;
  private @Nullable VisitVersion doubt;
  private @Nullable VisitVersion clearance;
  private @Nullable Instant lastYes;
  private @Nullable Instant lastNo;
  private final Map<String, Card> cards = new HashMap<>();

  /** The last that was said of a card. */
  private static final class Card {
    final Set<String> returns = new HashSet<>();
    VisitVersion newest;

    /** Who shall have it, or null. */
    @Nullable VisitorEvent out;

    Card(VisitVersion newest) {
      this.newest = newest;
    }
  }

  void take(Fact fact, Instant now) {
    if (current != null && !now.isBefore(end(current))) {
      current = null;
    }
    switch (fact) {
      case Fact.Decided(String id, boolean approved) -> (approved ? approving : reviewing).add(id);
      case Fact.Reviewed(boolean approved, Instant at) -> {
        boolean before = refused();
        if (approved && (lastYes == null || at.isAfter(lastYes))) {
          lastYes = at;
        } else if (!approved && (lastNo == null || at.isAfter(lastNo))) {
          lastNo = at;
        }
        if (refused()) {
          current = null;
        }
        if (refused() && !before) {
          cards.values().forEach(card -> card.out = null);
        }
      }
      case Fact.Reported reported -> {
        if (reported.event().getType() != EventType.CREDENTIAL_CHANGED) {
          takeDoor(reported, now);
        }
        takeCard(reported, now);
      }
    }
  }

  private void takeCard(Fact.Reported fact, Instant now) {
    VisitorEvent event = fact.event();
    VisitVersion version = VisitVersion.of(event);
    boolean own = event.getType() != EventType.CREDENTIAL_CHANGED;
    String state = event.getCredential().getState();
    String id = own ? "own" : event.getCredential().getId();
    boolean ours = event.getSite().getId().equals(DoorPlan.SITE);
    Card card = cards.get(id);
    if (own && (state == null || !ours)) {
      if (card != null
          && card.out != null
          && event.getVisit().getStatus() != null
          && version.compareTo(card.newest) > 0) {
        card.newest = version;
        card.out = null;
      }
      return;
    }
    if (!"assigned".equals(state)) {
      if (card == null && ours) {
        card = new Card(version);
        cards.put(id, card);
        card.returns.add(event.getEventId());
      } else if (card != null && card.returns.add(event.getEventId())) {
        card.out = null;
        // Whatever happened at the time of what it took back, or before, is over.
        card.newest =
            version.compareTo(card.newest) > 0
                ? version
                : new VisitVersion(
                    card.newest.effectiveAt(),
                    Integer.MAX_VALUE,
                    version.arrivedAt(),
                    version.eventId());
      }
      return;
    }
    if (!ours || (card != null && version.compareTo(card.newest) <= 0)) {
      return;
    }
    if (isInOrder(fact)
        && version.effectiveAt().isAfter(closedThrough)
        && (now.isBefore(event.getOccurredAt().plus(FRESH)) || vouched(now))) {
      Card known = cards.computeIfAbsent(id, _ -> new Card(version));
      known.newest = version;
      known.out = event;
    } else if (card != null && card.out != null && !number(card.out).equals(number(event))) {
      card.out = null;
    }
  }

  private static String number(VisitorEvent event) {
    return String.valueOf(event.getCredential().getFingerprint());
  }

  /** The cards that the visitor should have while the door is open. */
  Set<String> cards() {
    Set<String> numbers = new HashSet<>();
    for (Card card : cards.values()) {
      if (card.out != null) {
        numbers.add(number(card.out));
      }
    }
    return numbers;
  }

  /** The cards that may be given to the visitor. */
  Set<String> mayAssign(Instant now) {
    Set<String> numbers = new HashSet<>();
    for (Card card : cards.values()) {
      VisitorEvent out = card.out;
      if (out != null && (now.isBefore(out.getOccurredAt().plus(FRESH)) || vouched(now))) {
        numbers.add(number(out));
      }
    }
    return shouldBeOpen(now).isPresent() ? numbers : Set.of();
  }

  private static boolean isInOrder(Fact.Reported fact) {
    return (fact.verdict() == Verdict.NEW || fact.verdict() == Verdict.REVISION)
        && !fact.late()
        && "webhook".equals(fact.path())
        && "webhook".equals(fact.event().getPath());
  }

  private void takeDoor(Fact.Reported fact, Instant now) {
    VisitorEvent event = fact.event();
    VisitVersion version = VisitVersion.of(event);
    if (CLOSING.contains(event.getType())) {
      if (closers.add(event.getEventId())) {
        current = null;
        cards.values().forEach(card -> card.out = null);
        closedThrough = later(closedThrough, version.effectiveAt());
        closedThrough = newest == null ? closedThrough : later(closedThrough, newest.effectiveAt());
        if (DOUBTS.contains(event.getType())) {
          doubt = doubt == null || doubt.compareTo(version) < 0 ? version : doubt;
        }
      }
      return;
    }
    if (!isInOrder(fact)) {
      return;
    }
    if (event.getType() == EventType.APPROVED
        && (clearance == null || clearance.compareTo(version) < 0)) {
      clearance = version;
    }
    boolean opens =
        event.getSite().getId().equals(DoorPlan.SITE)
            && version.effectiveAt().isAfter(closedThrough)
            && (newest == null || newest.compareTo(version) < 0)
            && (event.getType() != EventType.UPDATED || current != null)
            && (now.isBefore(event.getOccurredAt().plus(FRESH)) || vouched(now));
    if (opens) {
      newest = version;
      current = now.isBefore(end(event)) ? event : null;
    }
  }

  /** Whether the door may be opened, and until when it is open then. */
  Optional<Instant> mayOpen(Instant now) {
    VisitorEvent event = current;
    return event == null
        ? Optional.empty()
        : shouldBeOpen(now)
            .filter(_ -> now.isBefore(event.getOccurredAt().plus(FRESH)) || vouched(now));
  }

  /** Whether the door should be open, and until when. */
  Optional<Instant> shouldBeOpen(Instant now) {
    return current == null || !now.isBefore(end(current)) || refused() || doubted() || unapproved()
        ? Optional.empty()
        : Optional.of(end(current));
  }

  private boolean vouched(Instant now) {
    return lastYes != null && !refused() && now.isBefore(lastYes.plus(FRESH));
  }

  private boolean refused() {
    return lastNo != null && (lastYes == null || !lastYes.isAfter(lastNo));
  }

  private boolean doubted() {
    return doubt != null
        && (clearance == null || clearance.compareTo(doubt) <= 0)
        && (lastYes == null || refused() || lastYes.isBefore(doubt.arrivedAt()));
  }

  /** Of a source that does not ask at the door, an answer counts all the same once it is there. */
  private boolean unapproved() {
    boolean answered = !approving.isEmpty() || !reviewing.isEmpty();
    return current != null
        && (current.getSource().equals(DoorPlan.SCREENED) || answered)
        && (lastYes == null || refused())
        && approving.stream().allMatch(reviewing::contains);
  }

  private static Instant end(VisitorEvent event) {
    return event.getVisit().getExpectedAt();
  }

  private static Instant later(Instant a, Instant b) {
    return a.isAfter(b) ? a : b;
  }
}
