package dev.vestibule.sink.warehouse;

import dev.vestibule.contract.VisitVersion;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.sink.Decoded;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * An event on its way into the warehouse.
 *
 * @param decoded the event and what its record said about it
 * @param source partition that it was consumed from
 * @param offset its offset there
 */
record EventRow(Decoded.Event decoded, TopicPartition source, long offset) {
  private static final Instant YEAR_0 = Instant.parse("0000-01-01T00:00:00Z");
  private static final Instant YEAR_9999 = Instant.parse("9999-12-31T23:59:59.999999Z");
  private static final DateTimeFormatter MICROSECONDS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  VisitorEvent event() {
    return decoded.event();
  }

  /** The visit across accounts and vendors, or null for an event without one. */
  @Nullable String visitKey() {
    String id = event().getVisit().getId();
    return id == null ? null : event().getAccount() + ":" + event().getVendor() + ":" + id;
  }

  /**
   * {@link VisitVersion} as text whose order is the order of versions. The revision makes the order
   * total, since revisions of a fact share its version when they arrive at the same time.
   */
  String version() {
    VisitVersion version = VisitVersion.of(event());
    return String.join(
        " ", // sorts before everything that an id may hold
        text(version.effectiveAt()),
        Integer.toString(version.rank()),
        text(version.arrivedAt()),
        version.eventId(),
        event().getRevision());
  }

  private static String text(Instant instant) {
    Instant from0 = instant.isBefore(YEAR_0) ? YEAR_0 : instant;
    return MICROSECONDS.format(from0.isAfter(YEAR_9999) ? YEAR_9999 : from0);
  }
}
