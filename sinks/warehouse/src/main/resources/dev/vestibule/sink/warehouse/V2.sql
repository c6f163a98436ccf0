-- Stands for the visit in decisions and alerts: keyed hash of account and visit id. Null in rows stored before this version.
ALTER TABLE visitor_event ADD COLUMN visit_hash VARCHAR;

-- What was answered at the door: one row for each (request_id, phase), the first stored copy. Fields as in the schema Decision.
CREATE TABLE decisions (
  decision_id VARCHAR NOT NULL,
  request_id VARCHAR NOT NULL,
  phase VARCHAR NOT NULL,
  source VARCHAR NOT NULL,
  vendor VARCHAR NOT NULL,
  account VARCHAR NOT NULL,
  visit_hash VARCHAR,
  inputs_hash VARCHAR,
  outcome VARCHAR NOT NULL,
  basis VARCHAR NOT NULL,
  reason VARCHAR NOT NULL,
  rule_id VARCHAR,
  rule_version INTEGER,
  policies JSON NOT NULL,
  shadows JSON NOT NULL,
  policies_offset BIGINT NOT NULL,
  watchlist_offset BIGINT NOT NULL,
  snapshot_fresh_at TIMESTAMPTZ,
  requested_at TIMESTAMPTZ NOT NULL,
  decided_at TIMESTAMPTZ NOT NULL,
  latency_micros BIGINT NOT NULL,
  answer_status INTEGER,
  answer_written BOOLEAN,
  answered_at TIMESTAMPTZ,
  loaded_at TIMESTAMPTZ NOT NULL,
  schema_id INTEGER NOT NULL,
  src_topic VARCHAR NOT NULL,
  src_partition INTEGER NOT NULL,
  src_offset BIGINT NOT NULL,
  PRIMARY KEY (request_id, phase)
);

-- What somebody should look at: one row for each alert, the first stored copy. Fields as in the schema Alert.
CREATE TABLE alerts (
  alert_id VARCHAR PRIMARY KEY,
  kind VARCHAR NOT NULL,
  severity VARCHAR NOT NULL,
  source VARCHAR,
  vendor VARCHAR,
  account VARCHAR,
  visit_hash VARCHAR,
  event_id VARCHAR,
  site_id VARCHAR,
  occurred_at TIMESTAMPTZ NOT NULL,
  raised_at TIMESTAMPTZ NOT NULL,
  details JSON NOT NULL,
  loaded_at TIMESTAMPTZ NOT NULL,
  schema_id INTEGER NOT NULL,
  src_topic VARCHAR NOT NULL,
  src_partition INTEGER NOT NULL,
  src_offset BIGINT NOT NULL
);

-- One row for each decision, with the record that decides: an approval counts only while no record of the decision says REVIEW.
CREATE VIEW decision_of_visit AS
SELECT
  decision_id,
  visit_key,
  visit_hash,
  account,
  vendor,
  source,
  outcome,
  basis,
  reason,
  rule_id,
  rule_version,
  requested_at,
  decided_at,
  count(DISTINCT request_id) OVER decision AS calls,
  coalesce(bool_or(answer_written) OVER decision, false) AS answered
FROM decisions
LEFT JOIN (
  SELECT visit_hash, vendor, min(visit_key) AS visit_key
  FROM visitor_event
  WHERE visit_hash IS NOT NULL
  GROUP BY visit_hash, vendor
) USING (visit_hash, vendor)
WINDOW decision AS (PARTITION BY decision_id)
QUALIFY row_number() OVER (
  PARTITION BY decision_id
  ORDER BY outcome = 'REVIEW' DESC, decided_at, phase = 'DECIDED' DESC, request_id
) = 1;
