package dev.vestibule.sink.warehouse;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.vestibule.events.AccessCredential;
import dev.vestibule.events.Outcome;
import dev.vestibule.events.Person;
import dev.vestibule.events.Position;
import dev.vestibule.events.Site;
import dev.vestibule.events.Visit;
import dev.vestibule.events.VisitorEvent;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.TreeMap;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/** Fills the staging table. The only place that knows the order of its columns. */
final class EventAppender implements AutoCloseable {
  /** The columns of {@code visitor_event}, then the person. */
  static final String CREATE_STAGE =
      """
      CREATE OR REPLACE TEMP TABLE stage AS
      SELECT *, '' AS full_name, '' AS first_name, '' AS last_name, '' AS email, '' AS phone,
        '' AS company
      FROM visitor_event LIMIT 0\
      """;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final DuckDBAppender appender;
  private final Instant loadedAt;

  EventAppender(DuckDBConnection connection, Instant loadedAt) throws SQLException {
    this.appender = connection.createAppender("temp", "main", "stage");
    this.loadedAt = loadedAt;
  }

  void append(EventRow row) throws SQLException {
    VisitorEvent event = row.event();
    Visit visit = event.getVisit();
    appender.beginRow();
    text(event.getEventId());
    text(event.getRevision());
    text(event.getAccount());
    text(event.getSource());
    text(event.getVendor());
    text(event.getVendorEventType());
    text(event.getType().name());
    text(row.visitKey());
    text(visit.getId());
    text(row.version());
    time(event.getOccurredAt());
    text(event.getOccurredAtBasis().name());
    time(event.getReceivedAt());
    time(loadedAt);
    text(event.getPath());
    site(event.getSite());
    text(event.getHost().getId());
    text(event.getPerson().getSubjectKey());
    text(event.getPerson().getId());
    text(event.getPerson().getKind());
    time(visit.getExpectedAt());
    time(visit.getSignedInAt());
    time(visit.getSignedOutAt());
    text(visit.getPurpose());
    text(visit.getStatus());
    text(event.getScreening());
    outcome(event.getOutcome());
    credential(event.getCredential());
    text(event.getSensitivity().name());
    text(json(event.getAttributes()));
    text(row.decoded().verdict() == null ? null : row.decoded().verdict().name());
    appender.append(row.decoded().late());
    origin(event.getOrigin());
    appender.append(row.decoded().schemaId());
    text(row.source().topic());
    appender.append(row.source().partition());
    appender.append(row.offset());
    person(event.getPerson());
    appender.endRow();
  }

  private void site(Site site) throws SQLException {
    text(site.getId());
    text(site.getName());
    text(site.getTimezone());
  }

  private void outcome(Outcome outcome) throws SQLException {
    text(outcome.getStatus());
    text(outcome.getMethod());
    text(outcome.getReasonCode());
  }

  private void credential(AccessCredential credential) throws SQLException {
    text(credential.getKind());
    text(credential.getState());
    text(credential.getFingerprint());
  }

  private void origin(Position origin) throws SQLException {
    text(origin.getTopic());
    appender.append(origin.getPartition());
    appender.append(origin.getOffset());
  }

  private void person(Person person) throws SQLException {
    text(person.getFullName());
    text(person.getFirstName());
    text(person.getLastName());
    text(person.getEmail());
    text(person.getPhone());
    text(person.getCompany());
  }

  private void text(@Nullable String text) throws SQLException {
    if (text == null) {
      appender.appendNull();
    } else {
      appender.append(text);
    }
  }

  private void time(@Nullable Instant time) throws SQLException {
    if (time == null) {
      appender.appendNull();
    } else {
      appender.appendEpochMicros(ChronoUnit.MICROS.between(Instant.EPOCH, time));
    }
  }

  private static @Nullable String json(Map<String, String> attributes) {
    if (attributes.isEmpty()) {
      return null;
    }
    try {
      return JSON.writeValueAsString(new TreeMap<>(attributes));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a map of texts is always JSON", e);
    }
  }

  @Override
  public void close() throws SQLException {
    appender.close();
  }
}
