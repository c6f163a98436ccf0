package dev.vestibule.sink.slack.click;

import dev.vestibule.sink.slack.route.Reviewers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A question about one visit as it was asked in one message, and its first answer.
 *
 * @param token what its buttons carry
 * @param team our workspace
 * @param app our app
 * @param channel where it was asked
 * @param ts the message
 * @param reviewers who may answer
 * @param host Slack's id of the visitor's host, or null where there is none
 * @param until when it is too late
 * @param answer the first that counted, or null
 * @param settled whether the visit went on without one
 */
public record Question(
    String token,
    String team,
    String app,
    String channel,
    String ts,
    Reviewers reviewers,
    @Nullable String host,
    Instant until,
    @Nullable Answer answer,
    boolean settled) {

  /**
   * What Slack says about who clicked.
   *
   * @param guest whether the person is a guest, or of another workspace
   * @param groups ids of the user groups that the person is in
   */
  public record Clicker(boolean guest, Set<String> groups) {
    public Clicker {
      groups = Set.copyOf(groups);
    }
  }

  /** What becomes of an answer. */
  public sealed interface Ruling {
    /** It is the first, of somebody who may answer. */
    record Counts(Question answered) implements Ruling {}

    /** It changes nothing. */
    record Refused(Reason reason) implements Ruling {}
  }

  /** Why an answer changes nothing, and what the person is told. */
  public enum Reason {
    NOT_OURS("This button does not belong to a review here."),
    GUEST("Guests and members of other workspaces cannot answer."),
    NO_REVIEWER("You are not among those who may answer for this site."),
    HOST("The visitor's host cannot answer; somebody else has to."),
    APPROVAL_OFF("Visitors of this site cannot be approved here."),
    SAME_CLICK("Your answer is known."),
    ANSWERED("Somebody has answered already."),
    SETTLED("The visit went on, so that no answer is needed."),
    TOO_LATE("It is too late; the visitor counts as denied.");

    private final String text;

    Reason(String text) {
      this.text = text;
    }

    public String text() {
      return text;
    }
  }

  /**
   * Judges an answer. Who may not answer learns nothing of the state of the question.
   *
   * @param now when it was clicked, as far as we know
   */
  public Ruling judge(Answer given, Clicker who, Instant now) {
    Reason reason = refusal(given, who, now);
    return reason == null
        ? new Ruling.Counts(
            new Question(token, team, app, channel, ts, reviewers, host, until, given, settled))
        : new Ruling.Refused(reason);
  }

  private @Nullable Reason refusal(Answer given, Clicker who, Instant now) {
    boolean ours =
        MessageDigest.isEqual(
                token.getBytes(StandardCharsets.UTF_8),
                given.token().getBytes(StandardCharsets.UTF_8))
            && team.equals(given.team())
            && app.equals(given.app())
            && channel.equals(given.channel())
            && ts.equals(given.messageTs());
    if (!ours) {
      return Reason.NOT_OURS;
    }
    if (who.guest() || (given.userTeam() != null && !team.equals(given.userTeam()))) {
      return Reason.GUEST;
    }
    if (!reviewers.include(given.user(), who.groups())) {
      return Reason.NO_REVIEWER;
    }
    if (reviewers.fourEyes() && given.user().equals(host)) {
      return Reason.HOST;
    }
    if (given.approve() && !reviewers.approves()) {
      return Reason.APPROVAL_OFF;
    }
    if (answer != null) {
      return answer.key().equals(given.key()) ? Reason.SAME_CLICK : Reason.ANSWERED;
    }
    if (settled) {
      return Reason.SETTLED;
    }
    return now.isBefore(until) ? null : Reason.TOO_LATE;
  }

  /** The token lets others answer, so it does not print. */
  @Override
  public String toString() {
    return "Question[" + channel + " " + ts + " until " + until + "]";
  }
}
