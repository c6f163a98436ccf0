package dev.vestibule.deduper.unscreened;

import static dev.vestibule.deduper.unscreened.Visits.NINE;
import static dev.vestibule.deduper.unscreened.Visits.fetched;
import static dev.vestibule.deduper.unscreened.Visits.signIn;
import static dev.vestibule.deduper.unscreened.Visits.visitKey;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.deduper.unscreened.Watch.Judged;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class WatchTest {
  private static final TopicPartition P0 = new TopicPartition("visitor.events", 0);
  private static final TopicPartition P1 = new TopicPartition("visitor.events", 1);
  private static final Instant DUE = NINE.plus(Duration.ofMinutes(2));
  private static final String SOURCE = "hq-envoy";

  private final Watch watch = new Watch();
  private long offset;

  private void signsIn(SignIn signIn) {
    watch.signedIn(signIn, P0, offset++);
  }

  private List<Finding> judge(Instant complete) {
    return watch.judge(complete).stream().map(Judged::finding).toList();
  }

  @Test
  void aVisitorWithoutDecisionIsUnscreened() {
    signsIn(signIn("19"));
    watch.decided(SOURCE, visitKey("20"), NINE);

    assertThat(judge(DUE)).containsExactly(Finding.UNSCREENED);
    assertThat(watch.waiting()).isZero();
  }

  @Test
  void aDecisionOfEarlierScreensWhateverItSays() {
    watch.decided(SOURCE, visitKey("19"), NINE.minus(Duration.ofHours(5)));
    signsIn(signIn("19"));

    assertThat(judge(DUE)).containsExactly(Finding.SCREENED);
  }

  @Test
  void aDecisionScreensUpToTwoMinutesAfterTheSignInAndNoLongerEvenIfItIsKnown() {
    signsIn(signIn("19"));
    signsIn(signIn("20"));
    watch.decided(SOURCE, visitKey("19"), DUE);
    watch.decided(SOURCE, visitKey("20"), DUE.plusMillis(1));

    assertThat(judge(DUE.plus(Duration.ofHours(1))))
        .containsExactly(Finding.SCREENED, Finding.UNSCREENED);
  }

  @Test
  void nothingIsJudgedBeforeAllDecisionsThatCountAreKnown() {
    signsIn(signIn("19"));

    assertThat(judge(DUE.minusMillis(1))).isEmpty();
    assertThat(watch.waiting()).isEqualTo(1);
    assertThat(watch.nextDue()).isEqualTo(DUE);

    watch.decided(SOURCE, visitKey("19"), NINE);
    assertThat(judge(DUE)).containsExactly(Finding.SCREENED);
    assertThat(watch.nextDue()).isNull();
  }

  @Test
  void aVisitIsRaisedOnceHoweverOftenItsSignInIsTold() {
    signsIn(signIn("19"));
    signsIn(signIn("19"));
    assertThat(judge(DUE)).containsExactly(Finding.UNSCREENED, Finding.RAISED_BEFORE);

    watch.raised(signIn("19").alertId(), DUE);
    signsIn(signIn("19"));
    assertThat(judge(DUE.plus(Duration.ofDays(1)))).containsExactly(Finding.RAISED_BEFORE);
  }

  @Test
  void aDecisionAboutNoVisitScreensNobody() {
    watch.decided(SOURCE, null, NINE);
    signsIn(signIn("19"));
    signsIn(signIn(null));

    assertThat(judge(DUE)).containsExactly(Finding.UNSCREENED, Finding.UNSCREENED);
  }

  @Test
  void aDecisionForAnotherSourceOfTheAccountScreensToo() {
    watch.decided("gate-envoy", visitKey("19"), NINE);
    signsIn(signIn("19"));

    assertThat(judge(DUE)).containsExactly(Finding.SCREENED);
  }

  @Test
  void aLiveSignInIsRaisedEvenIfNobodyWasEverAsked() {
    signsIn(signIn("19"));

    assertThat(judge(DUE)).containsExactly(Finding.UNSCREENED);
  }

  @Test
  void historyOfBeforeTheFirstDecisionOfItsSourceIsNotRaised() {
    watch.decided("gate-envoy", visitKey("1"), NINE.minus(Duration.ofHours(9)));
    watch.decided(SOURCE, visitKey("2"), NINE.minus(Duration.ofHours(2)));
    signsIn(fetched("19", NINE.minus(Duration.ofHours(3))));
    signsIn(fetched("20", NINE.minus(Duration.ofHours(1))));

    assertThat(judge(DUE)).containsExactly(Finding.BEFORE_HOOK, Finding.UNSCREENED);
  }

  @Test
  void whatHappenedMoreThanSevenDaysAgoIsNotRaised() {
    watch.decided(SOURCE, visitKey("2"), NINE.minus(Duration.ofDays(8)));
    signsIn(fetched("19", DUE.minus(Duration.ofDays(7)).minusMillis(1)));
    signsIn(fetched("20", DUE.minus(Duration.ofDays(7))));

    assertThat(judge(DUE)).containsExactly(Finding.TOO_OLD, Finding.UNSCREENED);
  }

  @Test
  void decisionsAndAlertsAreForgottenEightDaysAfterTheLastOne() {
    Instant now = NINE.plus(Duration.ofDays(8));
    watch.decided(SOURCE, visitKey("19"), NINE);
    watch.decided(SOURCE, visitKey("20"), NINE);
    watch.decided(SOURCE, visitKey("20"), NINE.plusSeconds(1));
    watch.raised(signIn("21").alertId(), NINE);

    watch.forget(now.plusMillis(1));

    signsIn(signIn("19", now));
    signsIn(signIn("20", now));
    signsIn(signIn("21", now));
    assertThat(judge(now.plus(Duration.ofMinutes(2))))
        .containsExactly(Finding.UNSCREENED, Finding.SCREENED, Finding.UNSCREENED);
  }

  @Test
  void theNextSessionReadsOnAtTheFirstSignInThatWaits() {
    watch.signedIn(signIn("19"), P0, 17);
    watch.signedIn(signIn("20"), P0, 18);
    watch.signedIn(signIn("21"), P1, 3);
    assertThat(watch.firstWaiting(P0)).hasValue(17);

    watch.giveUp(Set.of(P1));

    assertThat(watch.firstWaiting(P1)).isEmpty();
    assertThat(watch.waiting()).isEqualTo(2);
  }

  /** Whoever reads later, in another order or for the second time finds the same. */
  @Test
  void findingsDoNotDependOnTheOrderOfReading() {
    long seed = System.nanoTime();
    System.out.println("order of reading: seed " + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      List<Runnable> inputs = new ArrayList<>();
      Watch[] reader = new Watch[1];
      Map<String, Finding> expected = new TreeMap<>();
      for (int visit = 0; visit < 20; visit++) {
        String name = "v" + visit;
        SignIn signIn = signIn(name);
        inputs.add(() -> reader[0].signedIn(signIn, P0, 0));
        expected.put(name, Finding.UNSCREENED);
        for (int decision = random.nextInt(3); decision > 0; decision--) {
          Instant at = NINE.plusSeconds(random.nextInt(600) - 300);
          inputs.add(() -> reader[0].decided(SOURCE, visitKey(name), at));
          if (!at.isAfter(DUE)) {
            expected.put(name, Finding.SCREENED);
          }
        }
      }
      for (int reading = 0; reading < 3; reading++) {
        reader[0] = new Watch();
        Collections.shuffle(inputs, random);
        inputs.forEach(Runnable::run);
        Map<String, Finding> found = new TreeMap<>();
        reader[0]
            .judge(DUE)
            .forEach(one -> found.put(one.signIn().eventId().substring(6), one.finding()));
        assertThat(found).as("seed %d round %d", seed, round).isEqualTo(expected);
      }
    }
  }
}
