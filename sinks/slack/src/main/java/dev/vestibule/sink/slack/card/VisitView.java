package dev.vestibule.sink.slack.card;

import dev.vestibule.events.EventType;
import dev.vestibule.events.Person;
import dev.vestibule.events.Sensitivity;
import dev.vestibule.events.VisitorEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a message may show of a visit, and so all that is kept of it. Never more of a person than a
 * first name and an initial, and nothing at all where a care provider reported it.
 *
 * @param phase where the visit stands
 * @param listed whether a watch list hit stands that nobody has cleared
 * @param sensitivity the highest of what was merged
 * @param visitId the vendor's id, or null
 * @param visitor short name, or null
 * @param host short name, or null
 * @param site name or id, or null
 * @param since when the phase began
 * @param known when that became known
 * @param asked the question about it, or null where none was asked
 */
public record VisitView(
    Phase phase,
    boolean listed,
    Sensitivity sensitivity,
    @Nullable String visitId,
    @Nullable String visitor,
    @Nullable String host,
    @Nullable String site,
    Instant since,
    Instant known,
    @Nullable Asked asked)
    implements View {

  /** What comes later than this is said to be late. */
  private static final Duration LATE = Duration.ofMinutes(10);

  private static final int MOST_OF_NAME = 40;
  private static final int MOST_OF_PLACE = 80;
  private static final int MOST_OF_ID = 80;

  /** The first that is known of a visit; null where the event says nothing that is shown. */
  public static @Nullable VisitView of(VisitorEvent event) {
    Phase phase = Phase.of(event.getType());
    return phase == null ? null : merged(null, phase, event);
  }

  /** A visit that waits for a review, of which nothing else is known. */
  public static VisitView review(Instant at) {
    return new VisitView(
        Phase.REVIEW, false, Sensitivity.STANDARD, null, null, null, null, at, at, null);
  }

  /** The same visit, which waits for a review now. */
  public VisitView inReview(Instant at) {
    return new VisitView(
        Phase.REVIEW, listed, sensitivity, visitId, visitor, host, site, at, at, asked);
  }

  /** With what a newer event says. What it does not say stays. */
  public VisitView with(VisitorEvent event) {
    Phase next = Phase.of(event.getType());
    return merged(this, next == null || isOnlyCleared(next) ? phase : next, event);
  }

  /** Somebody has looked, and the visit goes on where it was. */
  private boolean isOnlyCleared(Phase next) {
    return switch (next) {
      case APPROVED -> phase == Phase.SIGNED_IN || phase == Phase.SIGNED_OUT;
      case CLEARED -> phase != Phase.WATCHLIST_HIT && phase != Phase.REVIEW;
      default -> false;
    };
  }

  private static VisitView merged(@Nullable VisitView before, Phase phase, VisitorEvent event) {
    if (phase == Phase.ERASED) {
      return erased(event);
    }
    boolean moved = before == null || before.phase != phase;
    Sensitivity sensitivity = event.getSensitivity();
    if (before != null && before.sensitivity.compareTo(sensitivity) > 0) {
      sensitivity = before.sensitivity;
    }
    boolean named = sensitivity != Sensitivity.HEALTH;
    String visitId = place(event.getVisit().getId(), MOST_OF_ID);
    String site = place(event.getSite().getName(), MOST_OF_PLACE);
    site = kept(site, before, VisitView::site);
    return new VisitView(
        phase,
        listed(before != null && before.listed, event.getType()),
        sensitivity,
        named ? kept(visitId, before, VisitView::visitId) : null,
        named ? kept(visitor(event.getPerson()), before, VisitView::visitor) : null,
        named ? kept(shortened(event.getHost().getFullName()), before, VisitView::host) : null,
        site == null ? place(event.getSite().getId(), MOST_OF_PLACE) : site,
        before == null || moved ? event.getOccurredAt() : before.since,
        before == null || moved ? event.getReceivedAt() : before.known,
        before == null ? null : settled(before.asked, phase, event.getType()));
  }

  private static VisitView erased(VisitorEvent event) {
    return new VisitView(
        Phase.ERASED,
        false,
        event.getSensitivity(),
        null,
        null,
        null,
        null,
        event.getOccurredAt(),
        event.getReceivedAt(),
        null);
  }

  /** The same visit with a question, or with what became of it. */
  public VisitView asking(@Nullable Asked question) {
    return new VisitView(
        phase, listed, sensitivity, visitId, visitor, host, site, since, known, question);
  }

  /** With a watch list hit that is older than what is shown. */
  public VisitView withHit(VisitorEvent event) {
    return new VisitView(
        phase,
        true,
        sensitivity.compareTo(event.getSensitivity()) > 0 ? sensitivity : event.getSensitivity(),
        visitId,
        visitor,
        host,
        site,
        since,
        known,
        asked);
  }

  @Override
  public Message message(String key, long sequence) {
    return VisitCard.of(this, key, sequence);
  }

  /** With what an older event says of what is not known. */
  public VisitView filledBy(VisitorEvent event) {
    if (phase == Phase.ERASED) {
      return this;
    }
    VisitView older = merged(null, phase, event);
    return new VisitView(
        phase,
        listed,
        sensitivity.compareTo(older.sensitivity) > 0 ? sensitivity : older.sensitivity,
        visitId == null ? older.visitId : visitId,
        visitor == null ? older.visitor : visitor,
        host == null ? older.host : host,
        site == null ? older.site : site,
        since,
        known,
        asked);
  }

  /** Whether the phase was reported so late that it may be over. */
  boolean isLate() {
    return known.isAfter(since.plus(LATE));
  }

  private static boolean listed(boolean before, EventType type) {
    return switch (type) {
      case WATCHLIST_HIT, BOLO_ALERT -> true;
      case APPROVED, SCREENING_CLEARED -> false;
      default -> before;
    };
  }

  private static @Nullable Asked settled(@Nullable Asked asked, Phase phase, EventType type) {
    Phase said = Phase.of(type);
    boolean over = phase.endsReview() || (said != null && said.endsReview());
    return asked instanceof Asked.Pending && over ? new Asked.Settled() : asked;
  }

  /** What is not said stays. */
  private static @Nullable String kept(
      @Nullable String said,
      @Nullable VisitView before,
      Function<VisitView, @Nullable String> part) {
    return said != null || before == null ? said : part.apply(before);
  }

  private static @Nullable String place(@Nullable String raw, int max) {
    String text = Text.clean(raw, max);
    return text.isEmpty() ? null : text;
  }

  private static @Nullable String visitor(Person person) {
    String first = Text.clean(person.getFirstName(), MOST_OF_NAME);
    String last = Text.clean(person.getLastName(), MOST_OF_NAME);
    if (first.isEmpty() || last.isEmpty()) {
      String whole = shortened(person.getFullName());
      return whole != null ? whole : shortened(first.isEmpty() ? last : first);
    }
    return first + " " + initial(last);
  }

  /** Of a name in one piece the first word and the initial of the last. */
  private static @Nullable String shortened(@Nullable String name) {
    String text = Text.clean(name, Integer.MAX_VALUE);
    int first = text.indexOf(' ');
    if (first < 0) {
      return text.isEmpty() ? null : Text.clean(text, MOST_OF_NAME);
    }
    return Text.clean(text.substring(0, first), MOST_OF_NAME)
        + " "
        + initial(text.substring(text.lastIndexOf(' ') + 1));
  }

  /** The first letter with its marks. */
  private static String initial(String name) {
    int end = Character.charCount(name.codePointAt(0));
    while (end < name.length()
        && Character.getType(name.codePointAt(end)) == Character.NON_SPACING_MARK) {
      end += Character.charCount(name.codePointAt(end));
    }
    return name.substring(0, end) + ".";
  }

  /** Names people, so it does not print. */
  @Override
  public String toString() {
    return "VisitView[" + phase + " " + sensitivity + " since " + since + "]";
  }
}
