package dev.vestibule.sink.slack.click;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.sink.slack.click.Question.Clicker;
import dev.vestibule.sink.slack.click.Question.Reason;
import dev.vestibule.sink.slack.click.Question.Ruling;
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
  private static final Question ASKED = question(true, true, false);

  private static Question question(boolean approves, boolean fourEyes, boolean settled) {
    Reviewers reviewers =
        new Reviewers(
            Set.of("U1A", "UHOST"), Set.of("S1A"), approves, fourEyes, Duration.ofMinutes(15));
    return new Question(
        "v1.0123456789abcdef", "T1", "A1", "C1", "1.1", reviewers, "UHOST", UNTIL, null, settled);
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
    assertThat(ASKED.judge(answer("U1A"), MEMBER, IN_TIME))
        .isInstanceOfSatisfying(
            Ruling.Counts.class,
            counts -> assertThat(counts.answered().answer()).isEqualTo(answer("U1A")));
    assertThat(ASKED.judge(answer("U2B"), new Clicker(false, Set.of("S1A")), IN_TIME))
        .isInstanceOf(Ruling.Counts.class);
  }

  @Test
  void laterAnswersAreToldSo() {
    Question answered = ((Ruling.Counts) ASKED.judge(answer("U1A"), MEMBER, IN_TIME)).answered();

    assertThat(reason(answered.judge(answer("U1A"), MEMBER, IN_TIME))).isEqualTo(Reason.SAME_CLICK);
    assertThat(reason(answered.judge(answer(false, "U1A", "3.3"), MEMBER, IN_TIME)))
        .isEqualTo(Reason.ANSWERED);
  }

  @Test
  void othersMayNotAnswer() {
    assertThat(reason(ASKED.judge(answer("U2B"), MEMBER, IN_TIME))).isEqualTo(Reason.NO_REVIEWER);
    assertThat(reason(ASKED.judge(answer("U1A"), new Clicker(true, Set.of()), IN_TIME)))
        .isEqualTo(Reason.GUEST);
    Answer foreign =
        new Answer(true, "v1.0123456789abcdef", "U1A", "T2", "T1", "A1", "C1", "1.1", "2.2", null);
    assertThat(reason(ASKED.judge(foreign, MEMBER, IN_TIME))).isEqualTo(Reason.GUEST);
  }

  @Test
  void hostMayNotAnswerUnderFourEyes() {
    assertThat(reason(ASKED.judge(answer("UHOST"), MEMBER, IN_TIME))).isEqualTo(Reason.HOST);
    assertThat(question(true, false, false).judge(answer("UHOST"), MEMBER, IN_TIME))
        .isInstanceOf(Ruling.Counts.class);
  }

  @Test
  void noIsAnAnswerWhereYesIsNot() {
    Question denyOnly = question(false, false, false);

    assertThat(reason(denyOnly.judge(answer("U1A"), MEMBER, IN_TIME)))
        .isEqualTo(Reason.APPROVAL_OFF);
    assertThat(denyOnly.judge(answer(false, "U1A", "2.2"), MEMBER, IN_TIME))
        .isInstanceOf(Ruling.Counts.class);
  }

  @Test
  void afterItsTimeNothingCounts() {
    assertThat(reason(ASKED.judge(answer("U1A"), MEMBER, UNTIL))).isEqualTo(Reason.TOO_LATE);
    assertThat(reason(question(true, true, true).judge(answer("U1A"), MEMBER, IN_TIME)))
        .isEqualTo(Reason.SETTLED);
  }

  @ParameterizedTest
  @CsvSource({
    "v1.other, T1, A1, C1, 1.1",
    "v1.0123456789abcdef, T2, A1, C1, 1.1",
    "v1.0123456789abcdef, T1, A2, C1, 1.1",
    "v1.0123456789abcdef, T1, A1, C2, 1.1",
    "v1.0123456789abcdef, T1, A1, C1, 1.2"
  })
  void buttonOfAnotherMessageIsRefused(
      String token, String team, String app, String channel, String ts) {
    Answer answer = new Answer(true, token, "U1A", "T1", team, app, channel, ts, "2.2", null);

    assertThat(reason(ASKED.judge(answer, MEMBER, IN_TIME))).isEqualTo(Reason.NOT_OURS);
  }
}
