package dev.vestibule.sink.slack.message;

import dev.vestibule.contract.VisitVersion;
import dev.vestibule.sink.slack.card.Phase;
import dev.vestibule.sink.slack.card.VisitView;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The message of one visit in one place.
 *
 * @param key what finds the message again in Slack
 * @param thread whether each step is told below it
 * @param view what is to be seen
 * @param newest of the facts that were taken
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
    String key,
    boolean thread,
    VisitView view,
    VisitVersion newest,
    @Nullable VisitVersion cleared,
    long wanted,
    long shown,
    @Nullable String look,
    Place place,
    boolean plain,
    @Nullable Phase told,
    Instant notBefore) {

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

  MessageState wanting(VisitView view, VisitVersion newest, @Nullable VisitVersion cleared) {
    return new MessageState(
        key,
        thread,
        view,
        newest,
        cleared,
        view.equals(this.view) ? wanted : wanted + 1,
        shown,
        look,
        place,
        plain,
        told,
        notBefore);
  }

  MessageState showing(long shown, @Nullable String look) {
    return new MessageState(
        key, thread, view, newest, cleared, wanted, shown, look, place, plain, told, notBefore);
  }

  MessageState at(Place place) {
    return new MessageState(
        key, thread, view, newest, cleared, wanted, shown, look, place, plain, told, notBefore);
  }

  MessageState inPlainText() {
    return new MessageState(
        key, thread, view, newest, cleared, wanted, shown, look, place, true, told, notBefore);
  }

  MessageState telling(@Nullable Phase told) {
    return new MessageState(
        key, thread, view, newest, cleared, wanted, shown, look, place, plain, told, notBefore);
  }

  MessageState waiting(Instant notBefore) {
    return new MessageState(
        key, thread, view, newest, cleared, wanted, shown, look, place, plain, told, notBefore);
  }

  /** Keys and times, no names. */
  @Override
  public String toString() {
    return "MessageState[" + key + " " + shown + "/" + wanted + " " + view + "]";
  }
}
