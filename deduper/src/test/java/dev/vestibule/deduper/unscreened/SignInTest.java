package dev.vestibule.deduper.unscreened;

import static dev.vestibule.deduper.unscreened.Visits.KEY;
import static dev.vestibule.deduper.unscreened.Visits.NINE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.events.Alert;
import dev.vestibule.events.AlertSeverity;
import dev.vestibule.events.VisitorEvent;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignInTest {
  private static final Duration GRACE = Duration.ofMinutes(2);

  @Test
  void anAlertSaysWhichVisitAndNotWhoseItIs() {
    Alert alert = Visits.signIn("19").alert(NINE.plusSeconds(130));

    assertThat(alert.getAlertId()).hasSize(32);
    assertThat(alert.getKind()).isEqualTo("unscreened-entry");
    assertThat(alert.getSource()).isEqualTo("hq-envoy");
    assertThat(alert.getVendor()).isEqualTo("envoy");
    assertThat(alert.getAccount()).isEqualTo("hq");
    assertThat(alert.getVisitKey()).isEqualTo(KEY.visit("hq", "19"));
    assertThat(alert.getEventId()).isEqualTo("event-19");
    assertThat(alert.getSiteId()).isEqualTo("143");
    assertThat(alert.getOccurredAt()).isEqualTo(NINE);
    assertThat(alert.getRaisedAt()).isEqualTo(NINE.plusSeconds(130));
    assertThat(alert.getDetails())
        .containsOnlyKeys("path", "received_at", "vendor_event_type")
        .containsEntry("path", "webhook");
    assertThat(alert.toString()).doesNotContainIgnoringCase("alice");
  }

  @Test
  void aDeliveryIsTimedByTheIngressWhateverTheVendorSays() {
    VisitorEvent event = Visits.signsIn("19");
    event.setOccurredAt(Instant.parse("2024-01-15T10:30:00Z"));

    SignIn signIn = SignIn.of(event, KEY, NINE.plusMillis(5));

    assertThat(signIn.at()).isEqualTo(NINE);
    assertThat(signIn.dueAt()).isEqualTo(NINE.plusMillis(5).plus(GRACE));
    assertThat(signIn.alert(NINE).getSeverity()).isEqualTo(AlertSeverity.CRITICAL);
  }

  @ParameterizedTest
  @ValueSource(strings = {"backfill", "replay"})
  void aFetchedOrReplayedFactIsTimedByItsVendor(String path) {
    VisitorEvent event = Visits.signsIn("19");
    event.setPath(path);
    event.setOccurredAt(NINE.minus(Duration.ofDays(2)));

    SignIn signIn = SignIn.of(event, KEY, NINE);

    assertThat(signIn.history()).isTrue();
    assertThat(signIn.at()).isEqualTo(NINE.minus(Duration.ofDays(2)));
    assertThat(signIn.dueAt()).isEqualTo(NINE.plus(GRACE));
    assertThat(signIn.alert(NINE).getSeverity()).isEqualTo(AlertSeverity.WARNING);
  }

  /** Its decision may have waited in the same spool, and come a moment later. */
  @Test
  void aSignInThatWaitedInTheSpoolIsDueTwoMinutesAfterItCame() {
    SignIn signIn = SignIn.of(Visits.signsIn("19"), KEY, NINE.plus(Duration.ofHours(3)));

    assertThat(signIn.at()).isEqualTo(NINE);
    assertThat(signIn.dueAt()).isEqualTo(NINE.plus(Duration.ofHours(3)).plus(GRACE));
  }

  @Test
  void anIngressWhoseClockIsInTheFutureCannotPutASignInOff() {
    VisitorEvent event = Visits.signsIn("19");
    event.setReceivedAt(NINE.plus(Duration.ofDays(365)));

    SignIn signIn = SignIn.of(event, KEY, NINE);

    assertThat(signIn.dueAt()).isEqualTo(NINE.plus(Duration.ofMinutes(5)).plus(GRACE));
  }

  @Test
  void theSignInsOfAVisitHaveOneAlertAndThoseOfNoVisitOneEach() {
    VisitorEvent corrected = Visits.signsIn("19");
    corrected.setEventId("another");
    VisitorEvent nobody = Visits.signsIn(null);
    VisitorEvent nobodyElse = Visits.signsIn(null);
    nobodyElse.setEventId("another");

    assertThat(SignIn.of(corrected, KEY, NINE).alertId()).isEqualTo(Visits.signIn("19").alertId());
    assertThat(SignIn.of(nobodyElse, KEY, NINE).alertId())
        .isNotEqualTo(SignIn.of(nobody, KEY, NINE).alertId());
  }
}
