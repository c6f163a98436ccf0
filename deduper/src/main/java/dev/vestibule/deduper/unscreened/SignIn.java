package dev.vestibule.deduper.unscreened;

import dev.vestibule.contract.IdentityKey;
import dev.vestibule.events.Alert;
import dev.vestibule.events.AlertSeverity;
import dev.vestibule.events.VisitorEvent;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A visitor who came in, without who it is.
 *
 * @param alertId id of the alert, if it comes to one: the same for all sign-ins of a visit
 * @param visitKey stands for the visit in decisions, or null where the event names none
 * @param at when it happened, as far as that can be relied on
 * @param dueAt when all decisions that count have been written down
 * @param history whether it was fetched or replayed, so that it may lie long back
 * @param details of the alert
 */
record SignIn(
    String alertId,
    @Nullable String visitKey,
    String source,
    String vendor,
    String account,
    String eventId,
    @Nullable String siteId,
    Instant occurredAt,
    Instant at,
    Instant dueAt,
    boolean history,
    Map<String, String> details) {
  /** Kind of the alert. */
  static final String KIND = "unscreened-entry";

  /** How long after a sign-in its decision may come. */
  static final Duration GRACE = Duration.ofMinutes(2);

  /** How far the clock of an ingress may run ahead of Kafka's before it is not believed. */
  private static final Duration SKEW = Duration.ofMinutes(5);

  private static final Set<String> HISTORY = Set.of("backfill", "replay");

  SignIn {
    details = Map.copyOf(details);
  }

  /**
   * The time of a delivery is when an ingress accepted it, since that is the clock of decisions and
   * no vendor's; a fetched or replayed fact has only its vendor's time.
   *
   * @param arrived when it came into Kafka
   */
  static SignIn of(VisitorEvent event, IdentityKey identity, Instant arrived) {
    String visitId = event.getVisit().getId();
    String visitKey = visitId == null ? null : identity.visit(event.getAccount(), visitId);
    boolean history = HISTORY.contains(event.getPath());
    Instant received = earlier(event.getReceivedAt(), arrived.plus(SKEW));
    Instant at = history ? earlier(event.getOccurredAt(), received) : received;
    Map<String, String> details = new HashMap<>();
    details.put("path", event.getPath());
    details.put("received_at", event.getReceivedAt().toString());
    if (event.getVendorEventType() != null) {
      details.put("vendor_event_type", event.getVendorEventType());
    }
    return new SignIn(
        identity.alert(KIND, event.getAccount(), visitKey == null ? event.getEventId() : visitKey),
        visitKey,
        event.getSource(),
        event.getVendor(),
        event.getAccount(),
        event.getEventId(),
        event.getSite().getId(),
        event.getOccurredAt(),
        at,
        (received.isAfter(arrived) ? received : arrived).plus(GRACE),
        history,
        details);
  }

  /** Somebody may still stand at the door, unless it was found out later. */
  Alert alert(Instant now) {
    return Alert.newBuilder()
        .setAlertId(alertId)
        .setKind(KIND)
        .setSeverity(history ? AlertSeverity.WARNING : AlertSeverity.CRITICAL)
        .setSource(source)
        .setVendor(vendor)
        .setAccount(account)
        .setVisitKey(visitKey)
        .setEventId(eventId)
        .setSiteId(siteId)
        .setOccurredAt(occurredAt)
        .setRaisedAt(now.truncatedTo(ChronoUnit.MICROS))
        .setDetails(details)
        .build();
  }

  private static Instant earlier(Instant left, Instant right) {
    return left.isBefore(right) ? left : right;
  }
}
