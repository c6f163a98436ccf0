package dev.vestibule.sink.slack.click;

import dev.vestibule.sink.slack.route.Reviewers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A question about one visit, and its first answer. It may stand in several messages.
 *
 * @param visit the visit's key
 * @param round counts the questions about the visit
 * @param token what its buttons carry
 * @param source of the visit
 * @param visitId the vendor's id, or null where it is not known
 * @param site the vendor's id, or null where it is not known
 * @param eventId the event that is asked about, or null
 * @param decisionId the decision that is asked about, or null
 * @param host Slack's id of the visitor's host, or null
 * @param until when it is too late
 * @param given the first answer that counted, or null
 * @param over whether it is closed without one: the visit went on, or nobody answered in time
 * @param vendor whether the vendor has been told
 */
public record Question(
    String visit,
    long round,
    String token,
    String source,
    @Nullable String visitId,
    @Nullable String site,
    @Nullable String eventId,
    @Nullable String decisionId,
    @Nullable String host,
    Instant until,
    @Nullable Given given,
    @Nullable Over over,
    VendorTold vendor) {

  /**
   * An answer that counts.
   *
   * @param by Slack's id of the person
   * @param click tells the same click again from another one
   */
  public record Given(boolean approved, String by, Instant at, String click) {}

  /** Why nobody needs to answer any more. */
  public enum Over {
    /** The visit went on. */
    SETTLED,
    /** Nobody answered in time. */
    EXPIRED
  }

  /** Whether the vendor knows the answer. */
  public enum VendorTold {
    /** It is not to be told, or not yet. */
    NOT,
    /** It is to be told. */
    DUE,
    /** Being told: not again, since it may have arrived. */
    UNDER_WAY,
    /** It has taken it. */
    DONE,
    /** It was not told, or nobody knows: somebody has to look. */
    FAILED
  }

  /**
   * Where an answer counts.
   *
   * @param team our workspace
   * @param app our app, or null where the signature alone says that it is
   * @param reviewers who may answer
   */
  public record Ours(String team, @Nullable String app, Reviewers reviewers) {}

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
    record Counts(Given given) implements Ruling {}

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
   * Judges an answer that came from one of its messages. Who may not answer learns nothing of the
   * state of the question.
   *
   * @param now when it was clicked, as far as we know
   */
  public Ruling judge(Answer answer, Clicker who, Ours ours, Instant now) {
    Reason reason = refusal(answer, who, ours, now);
    return reason == null
        ? new Ruling.Counts(new Given(answer.approve(), answer.user(), now, answer.key()))
        : new Ruling.Refused(reason);
  }

  private @Nullable Reason refusal(Answer answer, Clicker who, Ours ours, Instant now) {
    boolean genuine =
        isAskedBy(answer.token())
            && ours.team().equals(answer.team())
            && (ours.app() == null || ours.app().equals(answer.app()));
    if (!genuine) {
      return Reason.NOT_OURS;
    }
    if (who.guest() || (answer.userTeam() != null && !ours.team().equals(answer.userTeam()))) {
      return Reason.GUEST;
    }
    Reviewers reviewers = ours.reviewers();
    if (!reviewers.include(answer.user(), who.groups())) {
      return Reason.NO_REVIEWER;
    }
    if (reviewers.fourEyes() && answer.user().equals(host)) {
      return Reason.HOST;
    }
    // Where nobody knows the host, anybody may be the host.
    boolean unknownHost = reviewers.fourEyes() && host == null;
    if (answer.approve() && (!reviewers.approves() || unknownHost)) {
      return Reason.APPROVAL_OFF;
    }
    if (given != null) {
      return given.click().equals(answer.key()) ? Reason.SAME_CLICK : Reason.ANSWERED;
    }
    if (over == Over.SETTLED) {
      return Reason.SETTLED;
    }
    return now.isBefore(until) ? null : Reason.TOO_LATE;
  }

  /** Whether buttons that carry a token ask this. */
  public boolean isAskedBy(String other) {
    return MessageDigest.isEqual(
        token.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
  }

  /** Whether nobody has answered and somebody still may. */
  public boolean isOpen() {
    return given == null && over == null;
  }

  public Question answered(Given first, VendorTold vendor) {
    return copy(round, token, visitId, host, first, over, vendor);
  }

  public Question over(Over why) {
    return copy(round, token, visitId, host, given, why, vendor);
  }

  public Question telling(VendorTold next) {
    return copy(round, token, visitId, host, given, over, next);
  }

  /** The same question anew: buttons that are there already ask it no more. */
  public Question renewed(String other) {
    return copy(round + 1, other, visitId, host, given, over, vendor);
  }

  /** Without what leads to the visitor. */
  public Question erased() {
    return copy(round, token, null, null, given, over, vendor);
  }

  private Question copy(
      long round,
      String token,
      @Nullable String visitId,
      @Nullable String host,
      @Nullable Given given,
      @Nullable Over over,
      VendorTold vendor) {
    return new Question(
        visit,
        round,
        token,
        source,
        visitId,
        site,
        eventId,
        decisionId,
        host,
        until,
        given,
        over,
        vendor);
  }

  /** The token lets others answer, so it does not print. */
  @Override
  public String toString() {
    return "Question[" + visit + " " + round + " until " + until + "]";
  }
}
