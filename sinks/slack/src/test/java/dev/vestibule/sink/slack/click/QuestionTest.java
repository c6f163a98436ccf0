package dev.vestibule.sink.slack.click;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.sink.slack.click.Question.Clicker;
import dev.vestibule.sink.slack.click.Question.Given;
import dev.vestibule.sink.slack.click.Question.Ours;
import dev.vestibule.sink.slack.click.Question.Over;
import dev.vestibule.sink.slack.click.Question.Reason;
import dev.vestibule.sink.slack.click.Question.Ruling;
import dev.vestibule.sink.slack.click.Question.VendorTold;
import dev.vestibule.sink.slack.route.Reviewers;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuestionTest {
  private static final Instant UNTIL = Instant.parse("2026-01-15T09:15:00Z");
  private static final Instant IN_TIME = UNTIL.minusNanos(1);
  private static final Clicker MEMBER = new Clicker(false, Set.of());
  private static final Question ASKED =
      new Question(
          "visit",
          1,
          "v1.0123456789abcdef",
          "lobby",
          "v-1001",
          "143",
          "event",
          null,
          "UHOST",
          UNTIL,
          null,
          null,
          VendorTold.NOT);
  private static final Ours OURS = ours(true, true);

  private static Ours ours(boolean approves, boolean fourEyes) {
    return new Ours(
        "T1",
        "A1",
        new Reviewers(
            Set.of("U1A", "UHOST"), Set.of("S1A"), approves, fourEyes, Duration.ofMinutes(15)));
  }

  private static Answer answer(boolean approve, String user, String at) {
    return new Answer(
        approve, "v1.0123456789abcdef", user, "T1", "T1", "A1", "C1", "1.1", at, null);
  }

  private static Answer answer(String user) {
    return answer(true, user, "2.2");
  }

  private static Reason reason(Ruling ruling) {
    return ((Ruling.Refused) ruling).reason();
  }

  @Test
  void firstAnswerOfAReviewerCounts() {
    assertThat(ASKED.judge(answer("U1A"), MEMBER, OURS, IN_TIME))
        .isInstanceOfSatisfying(
            Ruling.Counts.class,
            counts ->
                assertThat(counts.given())
                    .isEqualTo(new Given(true, "U1A", IN_TIME, answer("U1A").key())));
    assertThat(ASKED.judge(answer("U2B"), new Clicker(false, Set.of("S1A")), OURS, IN_TIME))
        .isInstanceOf(Ruling.Counts.class);
  }

  @Test
  void laterAnswersAreToldSo() {
    Ruling.Counts first = (Ruling.Counts) ASKED.judge(answer("U1A"), MEMBER, OURS, IN_TIME);
    Question answered = ASKED.answered(first.given(), VendorTold.NOT);

    assertThat(reason(answered.judge(answer("U1A"), MEMBER, OURS, IN_TIME)))
        .isEqualTo(Reason.SAME_CLICK);
    assertThat(reason(answered.judge(answer(false, "U1A", "3.3"), MEMBER, OURS, IN_TIME)))
        .isEqualTo(Reason.ANSWERED);
  }

  @Test
  void othersMayNotAnswer() {
    assertThat(reason(ASKED.judge(answer("U2B"), MEMBER, OURS, IN_TIME)))
        .isEqualTo(Reason.NO_REVIEWER);
    assertThat(reason(ASKED.judge(answer("U1A"), new Clicker(true, Set.of()), OURS, IN_TIME)))
        .isEqualTo(Reason.GUEST);
    Answer foreign =
        new Answer(true, "v1.0123456789abcdef", "U1A", "T2", "T1", "A1", "C1", "1.1", "2.2", null);
    assertThat(reason(ASKED.judge(foreign, MEMBER, OURS, IN_TIME))).isEqualTo(Reason.GUEST);
  }

  @Test
  void hostMayNotAnswerUnderFourEyes() {
    assertThat(reason(ASKED.judge(answer("UHOST"), MEMBER, OURS, IN_TIME))).isEqualTo(Reason.HOST);
    assertThat(ASKED.judge(answer("UHOST"), MEMBER, ours(true, false), IN_TIME))
        .isInstanceOf(Ruling.Counts.class);
  }

  @Test
  void noIsAnAnswerWhereYesIsNot() {
    Ours denyOnly = ours(false, false);

    assertThat(reason(ASKED.judge(answer("U1A"), MEMBER, denyOnly, IN_TIME)))
        .isEqualTo(Reason.APPROVAL_OFF);
    assertThat(ASKED.judge(answer(false, "U1A", "2.2"), MEMBER, denyOnly, IN_TIME))
        .isInstanceOf(Ruling.Counts.class);
  }

  @Test
  void afterItsTimeNothingCounts() {
    assertThat(reason(ASKED.judge(answer("U1A"), MEMBER, OURS, UNTIL))).isEqualTo(Reason.TOO_LATE);
    assertThat(reason(ASKED.over(Over.SETTLED).judge(answer("U1A"), MEMBER, OURS, IN_TIME)))
        .isEqualTo(Reason.SETTLED);
  }

  @ParameterizedTest
  @CsvSource({"v1.other, T1, A1", "v1.0123456789abcdef, T2, A1", "v1.0123456789abcdef, T1, A2"})
  void buttonOfSomethingElseIsRefused(String token, String team, String app) {
    Answer answer = new Answer(true, token, "U1A", "T1", team, app, "C1", "1.1", "2.2", null);

    assertThat(reason(ASKED.judge(answer, MEMBER, OURS, IN_TIME))).isEqualTo(Reason.NOT_OURS);
  }
}
