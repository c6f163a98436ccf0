package dev.vestibule.sink.slack.message;

import dev.vestibule.contract.VisitVersion;
import dev.vestibule.events.Sensitivity;
import dev.vestibule.sink.slack.card.Phase;
import dev.vestibule.sink.slack.card.View;
import dev.vestibule.sink.slack.card.VisitView;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One message in one place.
 *
 * @param origin which one it is
 * @param view what is to be seen
 * @param newest of the facts that were taken, or null before the first
 * @param moved the newest of those that say where the visit stands, or null before the first
 * @param cleared newest fact that cleared the visit, or null
 * @param wanted rises with each change of what is to be seen
 * @param shown what of it is seen; less than {@code wanted} while there is something to do
 * @param look hash of what is seen, or null where that is not known
 * @param place where it is in Slack
 * @param plain whether Slack has refused the blocks, so that the text goes alone
 * @param told the phase that was last told below the message, or null
 * @param notBefore when the next call may be made
 */
public record MessageState(
    Origin origin,
    View view,
    @Nullable VisitVersion newest,
    @Nullable VisitVersion moved,
    @Nullable VisitVersion cleared,
    long wanted,
    long shown,
    @Nullable String look,
    Place place,
    boolean plain,
    @Nullable Phase told,
    Instant notBefore) {

  /**
   * What does not change about a message.
   *
   * @param key what finds it again in Slack
   * @param to where it goes: Slack's id of a channel, or of a person
   * @param visit the key of the visit that it is about, or null
   * @param thread whether each step is told below it
   * @param sensitivities of the events that may change it
   */
  public record Origin(
      String key,
      String to,
      @Nullable String visit,
      boolean thread,
      Set<Sensitivity> sensitivities) {
    public Origin {
      sensitivities = Set.copyOf(sensitivities);
    }
  }

  /** Where a message is. */
  public sealed interface Place {

    /** Nowhere. */
    record Nowhere() implements Place {}

    /**
     * A call was or is about to be made, and may have arrived: it is looked for before another one.
     *
     * @param since when the first call was made
     */
    record Perhaps(Instant since) implements Place {}

    /**
     * @param channel as Slack answered
     * @param ts its id there
     * @param editable whether Slack lets it be changed
     */
    record There(String channel, String ts, boolean editable) implements Place {}

    /** Somebody deleted it, or Slack will not have it: nothing more is said. */
    record Gone() implements Place {}
  }

  /** A message that nobody has seen. */
  static MessageState begin(
      Origin origin,
      View view,
      @Nullable VisitVersion newest,
      @Nullable VisitVersion cleared,
      Instant now) {
    return new MessageState(
        origin, view, newest, newest, cleared, 1, 0, null, new Place.Nowhere(), false, null, now);
  }

  public String key() {
    return origin.key();
  }

  /** Where the visit stands, or null where this is about none. */
  public @Nullable Phase phase() {
    return view instanceof VisitView visit ? visit.phase() : null;
  }

  MessageState wanting(View next) {
    return wanting(next, newest, moved, cleared);
  }

  MessageState wanting(
      View next,
      @Nullable VisitVersion newest,
      @Nullable VisitVersion moved,
      @Nullable VisitVersion cleared) {
    return new MessageState(
        origin,
        next,
        newest,
        moved,
        cleared,
        next.equals(view) ? wanted : wanted + 1,
        shown,
        look,
        place,
        plain,
        told,
        notBefore);
  }

  MessageState showing(long shown, @Nullable String look) {
    return new MessageState(
        origin, view, newest, moved, cleared, wanted, shown, look, place, plain, told, notBefore);
  }

  MessageState at(Place place) {
    return new MessageState(
        origin, view, newest, moved, cleared, wanted, shown, look, place, plain, told, notBefore);
  }

  MessageState inPlainText() {
    return new MessageState(
        origin, view, newest, moved, cleared, wanted, shown, look, place, true, told, notBefore);
  }

  MessageState telling(@Nullable Phase told) {
    return new MessageState(
        origin, view, newest, moved, cleared, wanted, shown, look, place, plain, told, notBefore);
  }

  MessageState waiting(Instant notBefore) {
    return new MessageState(
        origin, view, newest, moved, cleared, wanted, shown, look, place, plain, told, notBefore);
  }

  /** Keys and times, no names. */
  @Override
  public String toString() {
    return "MessageState[" + key() + " " + shown + "/" + wanted + " " + place + "]";
  }
}
