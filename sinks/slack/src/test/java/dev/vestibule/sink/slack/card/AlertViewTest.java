package dev.vestibule.sink.slack.card;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vestibule.events.Alert;
import dev.vestibule.events.AlertSeverity;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class AlertViewTest {

  /** As a channel keeps them: which message an alert belongs to. */
  private static Map<String, AlertView> told(Alert... alerts) {
    Map<String, AlertView> current = new LinkedHashMap<>();
    Map<String, AlertView> messages = new LinkedHashMap<>();
    Map<String, Integer> rounds = new HashMap<>();
    for (Alert alert : alerts) {
      String key = AlertView.dedupeKey(alert);
      AlertView before = current.get(key);
      AlertView view;
      if (before != null && before.takes(alert)) {
        view = before.with(alert);
      } else {
        view = AlertView.of(alert);
        rounds.merge(key, 1, Integer::sum);
      }
      current.put(key, view);
      messages.put(key + " " + rounds.get(key), view);
    }
    return messages;
  }

  @Test
  void twentyUnscreenedVisitorsAreTwentyMessages() {
    Alert[] alerts = new Alert[20];
    for (int i = 0; i < alerts.length; i++) {
      alerts[i] = Alerts.unscreened("v" + i, 0);
    }

    assertThat(told(alerts)).hasSize(20);
  }

  @Test
  void unscreenedVisitorsWithoutAVisitAreNotOneMessage() {
    Alert one = Alerts.unscreened("v1", 0);
    Alert other = Alerts.unscreened("v2", 0);
    one.setVisitKey(null);
    one.setEventId(null);
    other.setVisitKey(null);
    other.setEventId(null);

    assertThat(told(one, other)).hasSize(2);
  }

  @Test
  void copyOfAnAlertChangesNothing() {
    AlertView view = AlertView.of(Alerts.unscreened("v1", 0));

    assertThat(view.with(Alerts.unscreened("v1", 0))).isEqualTo(view);
    assertThat(told(Alerts.unscreened("v1", 0), Alerts.unscreened("v1", 24 * 60))).hasSize(1);
  }

  @Test
  void alertThatIsRaisedAgainShowsUntilWhenAndDoesNotCount() {
    Alert later = Alerts.unscreened("v1", 60);
    AlertView view = AlertView.of(Alerts.unscreened("v1", 0)).with(later);

    assertThat(view.count()).isEqualTo(1);
    assertThat(view.first()).isEqualTo(Visits.NINE);
    assertThat(view.last()).isEqualTo(later.getRaisedAt());
  }

  @Test
  void destinationThatFailsEveryMinuteIsOneMessageUntilItIsBack() {
    Alert[] alerts = new Alert[301];
    for (int i = 0; i < 300; i++) {
      alerts[i] = Alerts.destination("failing", "doors", i);
    }
    alerts[300] = Alerts.destination("back", "doors", 300);

    Map<String, AlertView> messages = told(alerts);

    assertThat(messages).hasSize(1);
    assertThat(messages.values())
        .first()
        .satisfies(view -> {
          assertThat(view.count()).isEqualTo(300);
          assertThat(view.severity()).isEqualTo(AlertSeverity.INFO);
          assertThat(view.last()).isEqualTo(alerts[300].getRaisedAt());
        });
  }

  @Test
  void outageThatNobodyEndedDoesNotSwallowTheNext() {
    Map<String, AlertView> messages =
        told(
            Alerts.destination("failing", "doors", 0),
            Alerts.destination("failing", "doors", 60),
            Alerts.destination("back", "doors", 300));

    assertThat(messages.values())
        .extracting(AlertView::kind)
        .containsExactly("destination-failing", "destination-back");
  }

  @Test
  void returnClosesWhatWasToldOfTheSameSinkAlone() {
    Map<String, AlertView> messages =
        told(
            Alerts.destination("failing", "doors", 0),
            Alerts.destination("blocked", "slack", 1),
            Alerts.destination("back", "doors", 2));

    assertThat(messages.values())
        .extracting(AlertView::kind)
        .containsExactly("destination-back", "destination-blocked");
  }

  @Test
  void nextOutageIsTheSameMessageWithinAnHourAndAnotherAfterIt() {
    Alert[] soon = {
      Alerts.destination("failing", "doors", 0),
      Alerts.destination("back", "doors", 10),
      Alerts.destination("failing", "doors", 59)
    };
    Alert[] later = soon.clone();
    later[2] = Alerts.destination("failing", "doors", 60);

    assertThat(told(soon)).hasSize(1);
    assertThat(told(later)).hasSize(2);
  }

  @Test
  void olderAlertThatArrivesLateDoesNotReopenADestination() {
    AlertView view =
        AlertView.of(Alerts.destination("failing", "doors", 5))
            .with(Alerts.destination("back", "doors", 10))
            .with(Alerts.destination("blocked", "doors", 4));

    assertThat(view.kind()).isEqualTo("destination-back");
    assertThat(view.count()).isEqualTo(2);
    assertThat(view.begun()).isEqualTo(Alerts.alert("x", 4).getRaisedAt());
  }

  @Test
  void alikeAlertsOfAPlaceAreOneMessageForAnHour() {
    Alert[] alerts = new Alert[120];
    for (int i = 0; i < alerts.length; i++) {
      alerts[i] = Alerts.alert("spool-nearly-full", i);
    }

    assertThat(told(alerts).values()).extracting(AlertView::count).containsExactly(60, 60);
  }

  @ParameterizedTest
  @ValueSource(strings = {"kind", "source", "account", "site", "sink", "detail-source"})
  void alertsThatAreNotAlikeAreNotCountedTogether(String part) {
    Alert one = Alerts.alert("spool-nearly-full", 0);
    Alert other = Alerts.alert("spool-nearly-full", 1);
    switch (part) {
      case "kind" -> other.setKind("spool-full");
      case "source" -> other.setSource("lobby");
      case "account" -> other.setAccount("acme");
      case "site" -> other.setSiteId("hq");
      case "sink" -> other.setDetails(Map.of("sink", "doors"));
      default -> other.setDetails(Map.of("source", "lobby"));
    }

    assertThat(told(one, other)).hasSize(2);
  }

  @Test
  void partsOfAKeyCannotBeShifted() {
    Alert one = Alerts.alert("k", 0);
    one.setSource("a/-");
    Alert other = Alerts.alert("k", 0);
    other.setSource("a");
    other.setAccount("-/-");

    assertThat(AlertView.dedupeKey(one)).isNotEqualTo(AlertView.dedupeKey(other));
  }

  @Test
  void fewIdsAreRememberedHoweverManyAlerts() {
    AlertView view = AlertView.of(Alerts.destination("failing", "doors", 0));
    for (int i = 1; i < 5_000; i++) {
      view = view.with(Alerts.destination("failing", "doors", i));
    }

    assertThat(view.ids()).hasSize(AlertView.MOST_IDS);
    assertThat(view.count()).isEqualTo(5_000);
    assertThat(view.with(Alerts.destination("failing", "doors", 4_999))).isEqualTo(view);
  }

  @Test
  void highestSeverityStays() {
    Alert alert = Alerts.alert("spool-nearly-full", 1);
    alert.setSeverity(AlertSeverity.WARNING);

    assertThat(AlertView.of(Alerts.alert("spool-nearly-full", 0)).with(alert).severity())
        .isEqualTo(AlertSeverity.CRITICAL);
    assertThat(AlertView.of(alert).with(Alerts.alert("spool-nearly-full", 2)).severity())
        .isEqualTo(AlertSeverity.CRITICAL);
  }

  @ParameterizedTest
  @EnumSource(AlertKind.class)
  void eachKnownKindIsFoundByItsWordAndSaysWhatFollows(AlertKind kind) {
    assertThat(AlertKind.of(kind.word())).contains(kind);

    Message message = AlertView.of(Alerts.alert(kind.word(), 0)).message("4f2a", 1);
    RenderedMessage.inspect(message.post("C0123"));
    assertThat(message.text()).isEqualTo("Critical: " + kind.title());
    assertThat(message.blocks().at("/1/text/text").textValue()).isEqualTo(kind.meaning());
  }

  @Test
  void nothingInAnAlertBecomesMarkupMentionLinkOrLine() {
    long seed = Long.getLong("hostile.seed", new Random().nextLong());
    Random random = new Random(seed);
    Hostile hostile = new Hostile(random);
    Set<String> labels = new HashSet<>();
    for (int i = 0; i < 10_000; i++) {
      Alert alert = Alerts.alert(hostile.name(), 0);
      alert.setAlertId(hostile.name());
      alert.setSource(hostile.name());
      alert.setSiteId(hostile.name());
      alert.setEventId(hostile.name());
      Map<String, String> details = new HashMap<>();
      details.put("sink", hostile.name());
      for (int n = random.nextInt(14); n > 0; n--) {
        details.put(hostile.name(), hostile.name());
      }
      alert.setDetails(details);
      try {
        Message message = AlertView.of(alert).message("4f2a", 1);
        RenderedMessage.inspect(message.post("C0123"));
        if (!message.text().startsWith("Critical: alert ")) {
          throw new AssertionError("another beginning: " + message.text());
        }
        for (JsonNode field : message.blocks().at("/1/fields")) {
          labels.add(field.get("text").textValue().replaceFirst("[: ].*", ""));
        }
      } catch (AssertionError e) {
        throw new AssertionError("seed " + seed + ", alert " + i + ": " + e.getMessage(), e);
      }
    }
    assertThat(labels)
        .containsExactlyInAnyOrder(
            "Kind", "Severity", "Sink", "Source", "Site", "Happened", "Raised");
  }

  @Test
  void sinkIsShownHoweverManyDetailsComeBeforeIt() {
    Alert alert = Alerts.destination("failing", "doors", 0);
    for (int i = 0; i < 50; i++) {
      alert.getDetails().put("a" + i, "x");
    }
    AlertView view = AlertView.of(alert);

    assertThat(view.details()).hasSize(AlertView.MOST_DETAILS).containsEntry("sink", "doors");
    assertThat(view.omitted()).isEqualTo(52 - AlertView.MOST_DETAILS);
    assertThat(view.message("4f2a", 1).text()).endsWith(", sink doors");
  }

  @Test
  void alertDoesNotPrintItsDetails() {
    assertThat(AlertView.of(Alerts.destination("failing", "doors", 0)).toString())
        .doesNotContain("http_503");
  }
}
