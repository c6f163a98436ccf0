package dev.vestibule.sink.access;

import dev.vestibule.events.AlertSeverity;
import dev.vestibule.sink.SinkAlerts;
import dev.vestibule.sink.SinkAlerts.Subject;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How the reports of doors are told as alerts. */
final class AccessAlerts {
  private AccessAlerts() {}

  /** Raises what was reported about a visit, or about none. */
  static void raise(SinkAlerts alerts, @Nullable String visit, Report report) {
    String about =
        switch (report.kind()) {
          // One for each place, or a busy one would raise thousands.
          case UNKNOWN_SITE -> report.source() + "/" + report.site();
          case REVOKE_OVERDUE -> String.valueOf(visit);
          default -> String.valueOf(report.eventId());
        };
    alerts.raise(
        kind(report.kind()),
        severity(report.kind()),
        about,
        new Subject(visit, report.source(), report.site(), report.eventId()),
        Map.of());
  }

  /** As alerts name it. */
  static String kind(Enum<?> kind) {
    return "access-" + kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static AlertSeverity severity(Report.Kind kind) {
    return switch (kind) {
      case REVOKE_OVERDUE, LOCKDOWN_WITHOUT_RULE -> AlertSeverity.CRITICAL;
      case LOCKDOWN_OVER_AT_SOURCE -> AlertSeverity.INFO;
      default -> AlertSeverity.WARNING;
    };
  }
}
