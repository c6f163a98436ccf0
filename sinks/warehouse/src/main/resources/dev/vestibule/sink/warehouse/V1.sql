-- History: one row for each (event_id, revision), the first stored copy. Names and contacts are not here.
CREATE TABLE visitor_event (
  event_id VARCHAR NOT NULL,
  revision VARCHAR NOT NULL,
  account VARCHAR NOT NULL,
  source VARCHAR NOT NULL,
  vendor VARCHAR NOT NULL,
  vendor_event_type VARCHAR,
  type VARCHAR NOT NULL,
  visit_key VARCHAR,
  visit_id VARCHAR,
  visit_version VARCHAR NOT NULL,
  occurred_at TIMESTAMPTZ NOT NULL,
  occurred_at_basis VARCHAR NOT NULL,
  received_at TIMESTAMPTZ NOT NULL,
  loaded_at TIMESTAMPTZ NOT NULL,
  path VARCHAR NOT NULL,
  site_id VARCHAR,
  site_name VARCHAR,
  site_timezone VARCHAR,
  host_id VARCHAR,
  subject_key VARCHAR,
  person_id VARCHAR,
  person_kind VARCHAR,
  expected_at TIMESTAMPTZ,
  signed_in_at TIMESTAMPTZ,
  signed_out_at TIMESTAMPTZ,
  purpose VARCHAR,
  status VARCHAR,
  screening VARCHAR,
  outcome_status VARCHAR,
  outcome_method VARCHAR,
  outcome_reason_code VARCHAR,
  credential_kind VARCHAR,
  credential_state VARCHAR,
  credential_fingerprint VARCHAR,
  sensitivity VARCHAR NOT NULL,
  attributes JSON,
  verdict VARCHAR,
  late BOOLEAN NOT NULL,
  raw_topic VARCHAR NOT NULL,
  raw_partition INTEGER NOT NULL,
  raw_offset BIGINT NOT NULL,
  schema_id INTEGER NOT NULL,
  src_topic VARCHAR NOT NULL,
  src_partition INTEGER NOT NULL,
  src_offset BIGINT NOT NULL,
  PRIMARY KEY (event_id, revision)
);

-- One row for each visit. Every fact comes from the newest event that states it: <fact>_version says which.
CREATE TABLE visit_current (
  visit_key VARCHAR PRIMARY KEY,
  account VARCHAR NOT NULL,
  vendor VARCHAR NOT NULL,
  visit_id VARCHAR NOT NULL,
  visit_version VARCHAR NOT NULL,
  status VARCHAR,
  type VARCHAR,
  site_id VARCHAR,
  site_name VARCHAR,
  subject_key VARCHAR,
  expected_at TIMESTAMPTZ,
  signed_in_at TIMESTAMPTZ,
  signed_out_at TIMESTAMPTZ,
  updated_at TIMESTAMPTZ NOT NULL,
  status_version VARCHAR,
  type_version VARCHAR,
  site_id_version VARCHAR,
  site_name_version VARCHAR,
  subject_key_version VARCHAR,
  expected_at_version VARCHAR,
  signed_in_at_version VARCHAR,
  signed_out_at_version VARCHAR
);

-- The only table that names visitors.
CREATE TABLE visitor_subject (
  subject_key VARCHAR PRIMARY KEY,
  account VARCHAR NOT NULL,
  full_name VARCHAR,
  first_name VARCHAR,
  last_name VARCHAR,
  email VARCHAR,
  phone VARCHAR,
  company VARCHAR,
  updated_at TIMESTAMPTZ NOT NULL,
  full_name_version VARCHAR,
  first_name_version VARCHAR,
  last_name_version VARCHAR,
  email_version VARCHAR,
  phone_version VARCHAR,
  company_version VARCHAR
);

-- Who must not come back: kind is 'subject' or 'visit', key the subject_key or visit_key.
CREATE TABLE suppression (
  kind VARCHAR NOT NULL,
  key VARCHAR NOT NULL,
  since TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (kind, key)
);

CREATE TABLE erasure_log (
  event_id VARCHAR NOT NULL,
  revision VARCHAR NOT NULL,
  subject_key VARCHAR,
  visit_key VARCHAR,
  requested_at TIMESTAMPTZ NOT NULL,
  done_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (event_id, revision)
);

CREATE TABLE sink_offset (
  sink VARCHAR NOT NULL,
  topic VARCHAR NOT NULL,
  part INTEGER NOT NULL,
  next_offset BIGINT NOT NULL,
  updated_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (sink, topic, part)
);

CREATE TABLE rejected_event (
  topic VARCHAR NOT NULL,
  part INTEGER NOT NULL,
  off BIGINT NOT NULL,
  reason VARCHAR NOT NULL,
  raw BLOB,
  rejected_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (topic, part, off)
);
