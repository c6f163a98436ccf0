package dev.vestibule.sink.access;

import static dev.vestibule.sink.access.Facts.KEYS;
import static dev.vestibule.sink.access.Facts.MACHINE;
import static dev.vestibule.sink.access.Facts.RULES;
import static dev.vestibule.sink.access.Facts.TARGET;
import static dev.vestibule.sink.access.Facts.VISIT;
import static dev.vestibule.sink.access.Facts.at;
import static dev.vestibule.sink.access.Facts.fact;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.events.EventType;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.sink.access.DoorKeeper.Outcome;
import dev.vestibule.sink.access.target.Observed;
import dev.vestibule.sink.access.target.TargetException;
import dev.vestibule.sink.access.target.TargetException.Kind;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class DoorKeeperTest {
  private final MemoryStates states = new MemoryStates();
  private final MemoryTarget target = new MemoryTarget();
  private final List<Report> reports = Collections.synchronizedList(new ArrayList<>());
  private Instant now = at(1);
  private final DoorKeeper keeper = keeper();

  private DoorKeeper keeper() {
    return new DoorKeeper(
        MACHINE,
        RULES,
        TARGET,
        target,
        KEYS,
        states,
        () -> now,
        (_, report) -> reports.add(report),
        Facts.CREDENTIAL_KEY);
  }

  @Test
  void grantsAndRevokes() throws Exception {
    keeper.take(VISIT, fact("in", EventType.SIGNED_IN, 0));
    assertThat(keeper.drive(VISIT)).isEqualTo(new Outcome.Settled());
    assertThat(target.log).containsExactly("grant");

    keeper.take(VISIT, fact("out", EventType.SIGNED_OUT, 1));
    assertThat(keeper.drive(VISIT)).isEqualTo(new Outcome.Settled());
    assertThat(target.log).containsExactly("grant", "revoke");
  }

  @Test
  void factIsDurableWhileACallIsUnderWay() throws Exception {
    keeper.take(VISIT, fact("in", EventType.SIGNED_IN, 0));
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    target.duringGrant =
        () -> {
          started.countDown();
          goOn.await();
        };
    try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Outcome> granting = pool.submit(() -> keeper.drive(VISIT));
      started.await();

      keeper.take(VISIT, fact("out", EventType.SIGNED_OUT, 1));
      assertThat(states.read(VISIT).revoked()).isNotNull();
      Future<Outcome> revoking = pool.submit(() -> keeper.drive(VISIT));
      goOn.countDown();

      assertThat(granting.get()).isEqualTo(new Outcome.Settled());
      assertThat(revoking.get()).isEqualTo(new Outcome.Settled());
    }
    assertThat(target.log).containsExactly("grant", "revoke");
    assertThat(target.objects).isEmpty();
  }

  @Test
  void ambiguousGrantIsLookedUpAndAdopted() throws Exception {
    target.failure = new TargetException(Kind.AMBIGUOUS, "no answer");
    keeper.take(VISIT, fact("in", EventType.SIGNED_IN, 0));

    assertThat(keeper.drive(VISIT)).isInstanceOf(Outcome.Pending.class);
    assertThat(keeper.drive(VISIT)).isEqualTo(new Outcome.Settled());
    assertThat(target.log).containsExactly("grant", "find");
  }

  @Test
  void revokeThatWaitsTooLongIsReported() throws Exception {
    keeper.take(VISIT, fact("in", EventType.SIGNED_IN, 0));
    keeper.drive(VISIT);
    keeper.take(VISIT, fact("out", EventType.SIGNED_OUT, 1));
    target.failure = new TargetException(Kind.AUTH, "not let in");
    now = at(6);

    assertThat(keeper.drive(VISIT))
        .isInstanceOfSatisfying(
            Outcome.Pending.class, pending -> assertThat(pending.closing()).isTrue());
    assertThat(reports).extracting(Report::kind).containsExactly(Report.Kind.REVOKE_OVERDUE);
  }

  @Test
  void windowThatEndsIsTakenAwayWithoutAFact() throws Exception {
    keeper.take(VISIT, fact("in", EventType.SIGNED_IN, 0));
    keeper.drive(VISIT);
    now = at(8 * 60);

    assertThat(keeper.due()).containsExactly(VISIT);
    keeper.drive(VISIT);
    assertThat(target.objects).isEmpty();
  }

  @Test
  void nothingIsGivenDuringALockdown() throws Exception {
    keeper.lockdown(fact("lock", EventType.LOCKDOWN_ACTIVATED, 0));
    assertThat(keeper.driveLockdowns()).isEqualTo(new Outcome.Settled());
    keeper.take(VISIT, fact("in", EventType.SIGNED_IN, 0));
    assertThat(keeper.drive(VISIT)).isEqualTo(new Outcome.Settled());
    assertThat(target.log).containsExactly("lock");

    keeper.release("lobby", "hq");
    keeper.driveLockdowns();
    keeper.drive(VISIT);
    assertThat(target.log).containsExactly("lock", "release", "grant");
  }

  @Test
  void strayIsTakenAwayUnlessItIsWantedByThen() throws Exception {
    target.objects.put(
        KEYS.of(VISIT), new Observed(KEYS.of(VISIT), true, at(8 * 60), Set.of("lobby")));

    keeper.doubt(VISIT);
    keeper.drive(VISIT);
    assertThat(target.objects).isEmpty();

    keeper.take(VISIT, fact("in", EventType.SIGNED_IN, 0));
    keeper.drive(VISIT);
    now = at(60);
    keeper.doubt(VISIT);
    keeper.drive(VISIT);
    assertThat(target.objects).hasSize(1);
    assertThat(target.log).containsExactly("revoke", "grant", "find");
  }

  private static Fact.Reported card(String id, String state, String number, int minute) {
    return fact(Facts.card(id, "c", state, number, minute));
  }

  @Test
  void cardIsOpenedOnlyForTheTargetAndTakenBackByItsNumber() throws Exception {
    keeper.take(VISIT, fact("in", EventType.SIGNED_IN, 0));
    keeper.take(VISIT, card("card", "assigned", "0012345", 0));
    assertThat(keeper.drive(VISIT)).isEqualTo(new Outcome.Settled());
    assertThat(target.log).containsExactly("grant", "assign 0012345");
    byte[] written = new StateFormat(Facts.IDENTITY).write(states.read(VISIT));
    assertThat(new String(written, StandardCharsets.UTF_8)).doesNotContain("0012345");
    assertThat(states.read(VISIT).toString()).doesNotContain("0012345");

    keeper.take(VISIT, card("back", "returned", "0012345", 1));
    keeper.drive(VISIT);
    assertThat(target.log).endsWith("return 0012345");
    assertThat(target.find(KEYS.of(VISIT)).orElseThrow().cards()).isEmpty();
  }

  @Test
  void ambiguousAssignmentIsRepeatedAndAmbiguousReturnToo() throws Exception {
    keeper.take(VISIT, fact("in", EventType.SIGNED_IN, 0));
    keeper.drive(VISIT);
    keeper.take(VISIT, card("card", "assigned", "1", 0));
    target.failure = new TargetException(Kind.AMBIGUOUS, "no answer");
    assertThat(keeper.drive(VISIT))
        .isInstanceOfSatisfying(
            Outcome.Pending.class, pending -> assertThat(pending.closing()).isFalse());
    assertThat(keeper.drive(VISIT)).isEqualTo(new Outcome.Settled());

    keeper.take(VISIT, card("back", "returned", "1", 1));
    target.failure = new TargetException(Kind.REJECTED, "not now");
    assertThat(keeper.drive(VISIT))
        .isInstanceOfSatisfying(
            Outcome.Pending.class, pending -> assertThat(pending.closing()).isTrue());
    assertThat(keeper.drive(VISIT)).isEqualTo(new Outcome.Settled());
    assertThat(target.log).containsExactly("grant", "assign 1", "assign 1", "return 1", "return 1");
  }

  @Test
  void cardThatIsSaidToBeAnothersOrNobodysIsTakenBack() throws Exception {
    keeper.take(VISIT, fact("in", EventType.SIGNED_IN, 0));
    keeper.takeCard(card("card", "assigned", "1", 0));
    keeper.drive(VISIT);
    VisitorEvent moved = Facts.card("moved", "c", "assigned", "1", 1);
    moved.getVisit().setId("v-2");
    String other = Facts.IDENTITY.visit("acme", "v-2");

    assertThat(keeper.takeCard(fact(moved))).containsExactlyInAnyOrder(VISIT, other);
    keeper.drive(VISIT);
    assertThat(target.log).containsExactly("grant", "assign 1", "return 1");

    VisitorEvent nobodys = Facts.card("nobodys", "c", "assigned", "1", 2);
    nobodys.getVisit().setId(null);
    assertThat(keeper.takeCard(fact(nobodys))).containsExactly(other);
    assertThat(keeper.takeCard(fact(nobodys))).isEmpty();
    assertThat(reports).extracting(Report::kind).containsExactly(Report.Kind.CARD_OF_NOBODY);
  }

  @Test
  void keeperThatStartsAnewTakesBackWhatMayBeOut() throws Exception {
    keeper.take(VISIT, fact("in", EventType.SIGNED_IN, 0));
    keeper.take(VISIT, card("card", "assigned", "1", 0));
    Move move = keeper.begin(VISIT);
    keeper.finish(VISIT, move, keeper.perform(VISIT, move));
    keeper.perform(VISIT, keeper.begin(VISIT));
    now = at(30);

    keeper().drive(VISIT);
    assertThat(target.log).containsExactly("grant", "assign 1", "return 1");
    assertThat(reports).extracting(Report::kind).containsExactly(Report.Kind.CARD_EXPIRED);
  }

  /**
   * An essentry access credential as its adapter makes it: keyed by itself, at the time of receipt.
   *
   * @param visit null where the check-in or the assignment is not told
   * @param json what is sealed; null where no number is told
   */
  private static Fact.Reported credential(
      String id,
      @Nullable String visit,
      @Nullable String state,
      @Nullable String json,
      int minute) {
    VisitorEvent event = Facts.event(id, EventType.CREDENTIAL_CHANGED, at(minute));
    event.setVendor("essentry");
    event.setVendorEventType("accessCredential");
    event.getPerson().setFullName(null);
    event.getVisit().setId(visit);
    event.getVisit().setExpectedAt(null);
    event.getCredential().setId("5");
    event.getCredential().setKind(visit == null ? null : "card");
    event.getCredential().setState(state);
    if (json != null) {
      event.getCredential().setFingerprint(Facts.IDENTITY.hash("credential", json));
      event
          .getCredential()
          .setSealed(
              ByteBuffer.wrap(
                  Facts.CREDENTIAL_KEY.seal("credential", json.getBytes(StandardCharsets.UTF_8))));
    }
    return fact(event);
  }

  private void takeCard(Fact.Reported fact) throws InterruptedException {
    for (String visit : keeper.takeCard(fact)) {
      assertThat(keeper.drive(visit)).isEqualTo(new Outcome.Settled());
    }
  }

  @Test
  void accessCredentialThatOvertookItsCheckInIsAssignedOnceTheVisitIsOpenAndTakenBack()
      throws Exception {
    takeCard(credential("given", "v-1", "assigned", "{\"cardNumber\":\"0012345\"}", 0));
    assertThat(target.log).isEmpty();

    keeper.take(VISIT, fact("in", EventType.SIGNED_IN, 0));
    keeper.drive(VISIT);
    assertThat(target.log).containsExactly("grant", "assign 0012345");

    takeCard(credential("back", "v-1", "removed", "{\"cardNumber\":\"0012345\"}", 1));
    assertThat(target.log).endsWith("return 0012345");
    assertThat(target.find(KEYS.of(VISIT)).orElseThrow().cards()).isEmpty();
    assertThat(reports).isEmpty();
  }

  @Test
  void accessCredentialThatTellsNoCheckInTakesItsCardBackAndAssignsNone() throws Exception {
    String whole = "{\"cardNumber\":\"0012345\",\"id\":5}";
    keeper.take(VISIT, fact("in", EventType.SIGNED_IN, 0));
    takeCard(credential("early", null, null, whole, 0));
    assertThat(target.log).isEmpty();
    assertThat(reports).extracting(Report::kind).containsExactly(Report.Kind.CARD_OF_NOBODY);

    takeCard(credential("given", "v-1", "assigned", "{\"cardNumber\":\"0012345\"}", 0));
    takeCard(credential("nobodys", null, null, whole, 1));
    assertThat(target.log).containsExactly("grant", "assign 0012345", "return 0012345");
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = "{\"cardNumberKiosk\":\"1\",\"cardNumberReception\":\"2\"}")
  void accessCredentialWithoutOneNumberIsReportedAndTakesTheOldOneBack(@Nullable String json)
      throws Exception {
    keeper.take(VISIT, fact("in", EventType.SIGNED_IN, 0));
    takeCard(credential("given", "v-1", "assigned", "{\"cardNumber\":\"0012345\"}", 0));
    takeCard(credential("changed", "v-1", "assigned", json, 1));

    assertThat(target.log).containsExactly("grant", "assign 0012345", "return 0012345");
    assertThat(reports).extracting(Report::kind).containsExactly(Report.Kind.CARD_UNREADABLE);
  }

  @Test
  void accessCredentialThatIsRemovedWithoutANumberLeavesTheVisitOpen() throws Exception {
    keeper.take(VISIT, fact("in", EventType.SIGNED_IN, 0));
    takeCard(credential("made", "v-1", "removed", null, 0));
    assertThat(target.log).containsExactly("grant");

    takeCard(credential("given", "v-1", "assigned", "{\"cardNumber\":\"0012345\"}", 1));
    takeCard(credential("back", "v-1", "removed", null, 2));
    assertThat(target.log).containsExactly("grant", "assign 0012345", "return 0012345");
  }
}
