package dev.vestibule.sink.warehouse;

import dev.vestibule.contract.IdentityKey;
import dev.vestibule.events.AccessCredential;
import dev.vestibule.events.Outcome;
import dev.vestibule.events.Person;
import dev.vestibule.events.Position;
import dev.vestibule.events.Site;
import dev.vestibule.events.Visit;
import dev.vestibule.events.VisitorEvent;
import java.sql.SQLException;
import java.time.Instant;
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

  private final Columns columns;
  private final IdentityKey identity;
  private final Instant loadedAt;

  EventAppender(DuckDBConnection connection, IdentityKey identity, Instant loadedAt)
      throws SQLException {
    this.columns = new Columns(connection, "stage");
    this.identity = identity;
    this.loadedAt = loadedAt;
  }

  void append(EventRow row) throws SQLException {
    VisitorEvent event = row.event();
    Visit visit = event.getVisit();
    columns.beginRow();
    columns.text(event.getEventId());
    columns.text(event.getRevision());
    columns.text(event.getAccount());
    columns.text(event.getSource());
    columns.text(event.getVendor());
    columns.text(event.getVendorEventType());
    columns.text(event.getType().name());
    columns.text(row.visitKey());
    columns.text(visit.getId());
    columns.text(row.version());
    columns.time(event.getOccurredAt());
    columns.text(event.getOccurredAtBasis().name());
    columns.time(event.getReceivedAt());
    columns.time(loadedAt);
    columns.text(event.getPath());
    site(event.getSite());
    columns.text(event.getHost().getId());
    columns.text(event.getPerson().getSubjectKey());
    columns.text(event.getPerson().getId());
    columns.text(event.getPerson().getKind());
    columns.time(visit.getExpectedAt());
    columns.time(visit.getSignedInAt());
    columns.time(visit.getSignedOutAt());
    columns.text(visit.getPurpose());
    columns.text(visit.getStatus());
    columns.text(event.getScreening());
    outcome(event.getOutcome());
    credential(event.getCredential());
    columns.text(event.getSensitivity().name());
    if (event.getAttributes().isEmpty()) {
      columns.text(null);
    } else {
      columns.json(event.getAttributes());
    }
    columns.text(row.decoded().verdict() == null ? null : row.decoded().verdict().name());
    columns.flag(row.decoded().late());
    origin(event.getOrigin());
    columns.number(row.decoded().schemaId());
    columns.text(row.source().topic());
    columns.number(row.source().partition());
    columns.number(row.offset());
    columns.text(visitHash(event));
    person(event.getPerson());
    columns.endRow();
  }

  private @Nullable String visitHash(VisitorEvent event) {
    String id = event.getVisit().getId();
    return id == null ? null : identity.visit(event.getAccount(), id);
  }

  private void site(Site site) throws SQLException {
    columns.text(site.getId());
    columns.text(site.getName());
    columns.text(site.getTimezone());
  }

  private void outcome(Outcome outcome) throws SQLException {
    columns.text(outcome.getStatus());
    columns.text(outcome.getMethod());
    columns.text(outcome.getReasonCode());
  }

  private void credential(AccessCredential credential) throws SQLException {
    columns.text(credential.getKind());
    columns.text(credential.getState());
    columns.text(credential.getFingerprint());
  }

  private void origin(Position origin) throws SQLException {
    columns.text(origin.getTopic());
    columns.number(origin.getPartition());
    columns.number(origin.getOffset());
  }

  private void person(Person person) throws SQLException {
    columns.text(person.getFullName());
    columns.text(person.getFirstName());
    columns.text(person.getLastName());
    columns.text(person.getEmail());
    columns.text(person.getPhone());
    columns.text(person.getCompany());
  }

  @Override
  public void close() throws SQLException {
    columns.close();
  }
}
