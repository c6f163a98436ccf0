package dev.vestibule.sink.slack.card;

import dev.vestibule.events.Alert;
import dev.vestibule.events.AlertSeverity;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/** Alerts of that morning. */
public final class Alerts {
  private Alerts() {}

  /** Raised a second after what it is about, which names no place and no visit. */
  public static Alert alert(String kind, int minute) {
    Instant at = Visits.NINE.plusSeconds(60L * minute);
    return Alert.newBuilder()
        .setAlertId(kind + "-" + minute)
        .setKind(kind)
        .setSeverity(AlertSeverity.CRITICAL)
        .setOccurredAt(at)
        .setRaisedAt(at.plusSeconds(1))
        .setDetails(Map.of())
        .build();
  }

  /** That a visitor came in unscreened. */
  public static Alert unscreened(String visit, int minute) {
    Alert alert = alert("unscreened-entry", minute);
    alert.setAlertId("unscreened-" + visit);
    alert.setVisitKey(visit);
    alert.setEventId("e-" + visit);
    alert.setSource("lobby");
    alert.setSiteId("hq");
    return alert;
  }

  /** About what a sink writes to. */
  public static Alert destination(String what, String sink, int minute) {
    Alert alert = alert("destination-" + what, minute);
    alert.setAlertId(what + "-" + sink + "-" + minute);
    alert.setSeverity(what.equals("back") ? AlertSeverity.INFO : AlertSeverity.CRITICAL);
    alert.setDetails(new HashMap<>(Map.of("sink", sink, "reason", "http_503")));
    return alert;
  }
}
