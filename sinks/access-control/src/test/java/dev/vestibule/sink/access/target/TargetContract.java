package dev.vestibule.sink.access.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.vestibule.sink.access.target.FakeSystem.Standing;
import dev.vestibule.sink.access.target.TargetException.Kind;
import dev.vestibule.sink.access.target.http.Timeouts;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What holds for every target. */
public abstract class TargetContract {
  protected static final Instant NOW = Instant.parse("2026-01-15T09:00:00Z");
  protected static final Instant END = NOW.plus(Duration.ofHours(8));
  protected static final GrantKey KEY = new GrantKey("3f9c1ab2-visit");
  protected static final GrantKey OTHER = new GrantKey("77aa01bc-visit");
  protected static final String NAME = "Adalind Zworykin";
  protected static final String EMAIL = "adalind@zworykin.example";

  private static final Timeouts IMPATIENT =
      new Timeouts(Duration.ofSeconds(10), Duration.ofMillis(1200));

  private FakeSystem system;
  protected AccessTarget target;
  private final List<AccessTarget> connected = new ArrayList<>();

  protected abstract FakeSystem start() throws Exception;

  @BeforeEach
  final void connect() throws Exception {
    system = start();
    target = restarted();
  }

  @AfterEach
  final void stop() {
    connected.forEach(AccessTarget::close);
    system.server().close();
  }

  /** How many seeded schedules of failures to go through. */
  protected int schedules() {
    return 10;
  }

  /** A new adapter that remembers nothing. */
  protected final AccessTarget restarted() {
    return restarted(FakeSystem.PATIENT);
  }

  private AccessTarget restarted(Timeouts timeouts) {
    AccessTarget made = system.connect(timeouts);
    connected.add(made);
    return made;
  }

  protected final Grant grant(GrantKey key, long sequence, Instant until, int... zones) {
    return new Grant(
        key,
        sequence,
        NOW,
        until,
        NOW.plus(Duration.ofMinutes(15)),
        Arrays.stream(zones).mapToObj(system::zone).collect(Collectors.toSet()),
        NAME,
        EMAIL);
  }

  protected final Standing open(Instant until, int... zones) {
    return new Standing(
        NOW, until, Arrays.stream(zones).mapToObj(system::zone).collect(Collectors.toSet()));
  }

  protected final TargetException failure(Doing doing) {
    TargetException failure = catchThrowableOfType(TargetException.class, doing::run);
    assertThat(failure).as("the call goes wrong").isNotNull();
    return failure;
  }

  /** A call to a target. */
  @FunctionalInterface
  protected interface Doing {
    void run() throws Exception;
  }

  @Test
  void aGrantOpensWhatItNamesAndEnds() throws Exception {
    assertThat(target.ensureGranted(grant(KEY, 1, END, 0, 1))).isEqualTo(Effect.DONE);

    assertThat(system.standing(KEY)).containsExactly(open(END, 0, 1));
  }

  @Test
  void theSameGrantTwiceIsOneGrant() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0));
    target.ensureGranted(grant(KEY, 1, END, 0));
    restarted().ensureGranted(grant(KEY, 1, END, 0));

    assertThat(system.standing(KEY)).containsExactly(open(END, 0));
  }

  @Test
  void aGrantIsExtended() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0));
    target.ensureGranted(grant(KEY, 2, END.plusSeconds(3600), 0));

    assertThat(system.standing(KEY)).containsExactly(open(END.plusSeconds(3600), 0));
  }

  @Test
  void aGrantIsShortened() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0));
    restarted().ensureGranted(grant(KEY, 2, END.minusSeconds(3600), 0));

    assertThat(system.standing(KEY)).containsExactly(open(END.minusSeconds(3600), 0));
  }

  @Test
  void zonesThatAreNotNamedAnyMoreAreClosed() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0, 1, 2));
    target.ensureGranted(grant(KEY, 2, END, 1));
    assertThat(system.standing(KEY)).containsExactly(open(END, 1));

    target.ensureGranted(grant(KEY, 3, END, 2));
    assertThat(system.standing(KEY)).containsExactly(open(END, 2));
  }

  @Test
  void aRevokeClosesAndMayBeRepeated() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0, 1));

    assertThat(target.ensureRevoked(KEY, 2)).isEqualTo(Effect.DONE);
    assertThat(system.standing(KEY)).isEmpty();

    target.ensureRevoked(KEY, 2);
    restarted().ensureRevoked(KEY, 2);
    assertThat(system.standing(KEY)).isEmpty();
  }

  @Test
  void aRevokeOfNothingSucceeds() throws Exception {
    target.ensureRevoked(KEY, 1);

    assertThat(system.standing(KEY)).isEmpty();
  }

  @Test
  void aRevokeAfterARestartClosesWhatWasOpenedBefore() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0));
    restarted().ensureRevoked(KEY, 2);

    assertThat(system.standing(KEY)).isEmpty();
  }

  @Test
  void aGrantAfterARevokeOpensAgain() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0, 1));
    target.ensureRevoked(KEY, 2);
    target.ensureGranted(grant(KEY, 3, END, 1));

    assertThat(system.standing(KEY)).containsExactly(open(END, 1));
  }

  @Test
  void twoVisitsOfOnePersonDoNotTouchEachOther() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0));
    target.ensureGranted(grant(OTHER, 1, END, 0, 1));
    target.ensureRevoked(KEY, 2);

    assertThat(system.standing(KEY)).isEmpty();
    assertThat(system.standing(OTHER)).containsExactly(open(END, 0, 1));
  }

  @Test
  void aGrantThatWasAppliedButNotAnsweredIsOneGrantInTheEnd() {
    system.server().fail(new Fault.Hangup(true));

    assertThat(failure(() -> target.ensureGranted(grant(KEY, 1, END, 0))).kind())
        .isEqualTo(Kind.AMBIGUOUS);
    assertOneGrantAfterARepeat(target);
  }

  @Test
  void aGrantThatTimedOutAfterItWasAppliedIsOneGrantInTheEnd() {
    AccessTarget impatient = restarted(IMPATIENT);
    system.server().fail(new Fault.Silence(true));

    assertThat(failure(() -> impatient.ensureGranted(grant(KEY, 1, END, 0))).kind())
        .isEqualTo(Kind.AMBIGUOUS);
    assertOneGrantAfterARepeat(restarted());
  }

  @Test
  void aGrantThatWasLostOnTheWayIsOneGrantInTheEnd() {
    system.server().fail(new Fault.Hangup(false));

    assertThat(failure(() -> target.ensureGranted(grant(KEY, 1, END, 0))).kind())
        .isEqualTo(Kind.AMBIGUOUS);
    assertOneGrantAfterARepeat(restarted());
  }

  @Test
  void aGrantThatFailedAfterItWasAppliedIsOneGrantInTheEnd() {
    system.server().fail(new Fault.Status(500, null, true));

    assertThat(failure(() -> target.ensureGranted(grant(KEY, 1, END, 0))).kind())
        .isIn(Kind.AMBIGUOUS, Kind.RETRY);
    assertOneGrantAfterARepeat(target);
  }

  private void assertOneGrantAfterARepeat(AccessTarget repeating) {
    assertThat(
            catchThrowableOfType(
                Exception.class, () -> repeating.ensureGranted(grant(KEY, 1, END, 0))))
        .isNull();
    assertThat(system.standing(KEY)).containsExactly(open(END, 0));
  }

  @Test
  void aRevokeThatWasNotAnsweredIsRepeated() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0, 1));
    system.server().fail(new Fault.Hangup(true));
    assertThat(failure(() -> target.ensureRevoked(KEY, 2)).kind()).isEqualTo(Kind.AMBIGUOUS);

    // A target that is read back may find nothing left to change, so that nothing goes wrong.
    system.server().fail(new Fault.Hangup(false));
    complain(new StringWriter(), () -> target.ensureRevoked(KEY, 2));
    target.ensureRevoked(KEY, 2);

    assertThat(system.standing(KEY)).isEmpty();
  }

  @Test
  void aTargetThatIsBusySaysForHowLong() {
    system.server().fail(new Fault.Status(429, "17", false));

    TargetException failure = failure(() -> target.ensureGranted(grant(KEY, 1, END, 0)));

    assertThat(failure.kind()).isEqualTo(Kind.RETRY);
    assertThat(failure.retryAfter()).isEqualTo(Duration.ofSeconds(17));
    assertThat(system.standing(KEY)).isEmpty();
  }

  @Test
  void aTargetThatIsBusyMayNameATime() {
    system
        .server()
        .fail(
            new Fault.Status(
                429,
                DateTimeFormatter.RFC_1123_DATE_TIME.format(
                    ZonedDateTime.ofInstant(NOW.plusSeconds(90), ZoneOffset.UTC)),
                false));

    TargetException failure = failure(() -> target.ensureGranted(grant(KEY, 1, END, 0)));

    assertThat(failure.kind()).isEqualTo(Kind.RETRY);
    assertThat(failure.retryAfter()).isEqualTo(Duration.ofSeconds(90));
  }

  @Test
  void aTargetThatIsBusyMaySayNothingMore() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0));
    system.server().fail(Fault.Status.of(429));

    TargetException failure = failure(() -> target.ensureRevoked(KEY, 2));

    assertThat(failure.kind()).isEqualTo(Kind.RETRY);
    assertThat(failure.retryAfter()).isNull();
  }

  @Test
  void aTargetThatIsDownIsTriedAgain() throws Exception {
    system.server().fail(Fault.Status.of(503));

    assertThat(failure(() -> target.ensureGranted(grant(KEY, 1, END, 0))).kind())
        .isEqualTo(Kind.RETRY);
    target.ensureGranted(grant(KEY, 1, END, 0));
    assertThat(system.standing(KEY)).containsExactly(open(END, 0));
  }

  @Test
  void aTargetThatCannotBeReachedIsTriedAgain() {
    system.server().close();

    assertThat(failure(() -> target.ensureGranted(grant(KEY, 1, END, 0))).kind())
        .isEqualTo(Kind.RETRY);
    assertThat(failure(() -> target.ensureRevoked(KEY, 2)).kind()).isEqualTo(Kind.RETRY);
  }

  @Test
  void aTargetThatDoesNotLetUsInCallsAPerson() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0));
    system.refuseUs();

    assertThat(failure(() -> target.ensureRevoked(KEY, 2)).kind()).isEqualTo(Kind.AUTH);
    assertThat(failure(() -> restarted().ensureGranted(grant(OTHER, 1, END, 0))).kind())
        .isEqualTo(Kind.AUTH);
  }

  @Test
  void aRedirectIsNotFollowed() {
    system.server().fail(Fault.Status.of(302), Fault.Status.of(302));

    assertThat(failure(() -> target.ensureGranted(grant(KEY, 1, END, 0))).kind())
        .isIn(Kind.REJECTED, Kind.RETRY);
    assertThat(system.standing(KEY)).isEmpty();
  }

  @Test
  void aPersonIsForgotten() throws Exception {
    target.ensureGranted(grant(KEY, 1, END, 0));
    target.ensureRevoked(KEY, 2);
    assertThat(system.remembers(KEY)).as("before").isTrue();

    restarted().erase(KEY);
    assertThat(system.remembers(KEY)).isFalse();

    target.erase(KEY);
    target.erase(OTHER);
    assertThat(system.remembers(KEY)).isFalse();
  }

  @Test
  void aGrantWithoutASecondInItOpensNothing() {
    Grant tiny =
        new Grant(
            KEY,
            1,
            NOW,
            NOW.plusMillis(999),
            NOW.plusSeconds(60),
            Set.of(system.zone(0)),
            NAME,
            null);

    assertThat(failure(() -> target.ensureGranted(tiny)).kind()).isEqualTo(Kind.REJECTED);
    assertThat(system.standing(KEY)).isEmpty();
  }

  /** Grants and revokes in any order, each of whose calls may fail in any way. */
  @Test
  void whateverFailsTheLastWishHoldsInTheEnd() throws Exception {
    for (int seed = 0; seed < schedules(); seed++) {
      Random random = new Random(seed);
      GrantKey key = new GrantKey("seed-" + seed);
      Grant wish = null;
      int steps = 2 + random.nextInt(4);
      for (int step = 1; step <= steps; step++) {
        wish =
            random.nextInt(3) == 0
                ? null
                : grant(key, step, END.plusSeconds(60L * random.nextInt(3)), random.nextInt(3));
        AccessTarget doing = random.nextInt(4) == 0 ? restarted() : target;
        for (int faults = random.nextInt(3); faults > 0; faults--) {
          system.server().fail(anyFault(random));
        }
        settle(doing, key, wish, step, "seed " + seed + " step " + step);
      }
    }
  }

  private void settle(
      AccessTarget doing, GrantKey key, @Nullable Grant wish, int sequence, String which)
      throws Exception {
    for (int attempt = 0; ; attempt++) {
      try {
        if (wish == null) {
          doing.ensureRevoked(key, sequence);
        } else {
          doing.ensureGranted(wish);
        }
        break;
      } catch (TargetException e) {
        assertThat(e.kind()).as(which).isIn(Kind.RETRY, Kind.AMBIGUOUS);
        assertThat(attempt).as(which + ": " + e.getMessage()).isLessThan(10);
      }
    }
    system.server().heal();
    if (wish == null) {
      assertThat(system.standing(key)).as(which).isEmpty();
    } else {
      assertThat(system.standing(key))
          .as(which)
          .containsExactly(new Standing(NOW, wish.validUntil(), wish.zones()));
    }
  }

  private static Fault anyFault(Random random) {
    boolean applied = random.nextBoolean();
    return switch (random.nextInt(4)) {
      case 0 -> new Fault.Hangup(applied);
      case 1 -> new Fault.Status(500, null, applied);
      case 2 -> Fault.Status.of(503);
      default -> Fault.Status.of(429);
    };
  }

  @Test
  void nothingOfAVisitorOrASecretIsSaidWhenThingsGoWrong() throws Exception {
    ListAppender<ILoggingEvent> heard = new ListAppender<>();
    Logger ours = (Logger) LoggerFactory.getLogger("dev.vestibule");
    Level before = ours.getLevel();
    heard.start();
    ours.addAppender(heard);
    ours.setLevel(Level.TRACE);
    StringWriter said = new StringWriter();
    try {
      Fault[] faults = {
        Fault.Status.of(400),
        Fault.Status.of(401),
        Fault.Status.of(403),
        Fault.Status.of(404),
        Fault.Status.of(409),
        Fault.Status.of(422),
        Fault.Status.of(500),
        new Fault.Hangup(true),
        new Fault.Hangup(false)
      };
      for (Fault fault : faults) {
        system.server().fail(fault);
        complain(said, () -> target.ensureGranted(grant(KEY, 1, END, 0)));
        system.server().heal();
        system.server().strike(request -> true);
        system.server().fail(fault);
        complain(said, () -> restarted().ensureGranted(grant(KEY, 2, END, 1)));
        system.server().heal();
        system.server().fail(fault);
        complain(said, () -> target.ensureRevoked(KEY, 3));
        system.server().heal();
      }
      said.append(grant(KEY, 1, END, 0).toString()).append(target.toString());
    } finally {
      ours.setLevel(before);
      ours.detachAppender(heard);
    }
    heard.list.forEach(event -> said.append(event.toString()));

    assertThat(said.toString())
        .contains("TargetException")
        .doesNotContainIgnoringCase("Adalind", "Zworykin", EMAIL)
        .doesNotContain(system.secrets());
  }

  private static void complain(StringWriter said, Doing doing) throws Exception {
    try {
      doing.run();
    } catch (TargetException e) {
      e.printStackTrace(new PrintWriter(said));
    }
  }
}
