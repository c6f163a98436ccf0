package dev.vestibule.ingress.signature;

import java.util.Locale;

/** Why a request is not accepted as genuine; also the {@code reason} tag of the metric. */
public enum RejectionReason {
  /** The signature header is absent or empty. */
  MISSING_SIGNATURE,
  /** A header that decides occurs more than once. */
  DUPLICATE_HEADER,
  /** The signature header is not laid out as the scheme says, or has the wrong length. */
  MALFORMED_SIGNATURE,
  /** The scheme signs a time and none was sent. */
  MISSING_TIMESTAMP,
  /** The signed time is not a plain number of seconds with the scheme's number of digits. */
  MALFORMED_TIMESTAMP,
  /** The scheme signs a delivery id and none was sent. */
  MISSING_ID,
  /**
   * The delivery id holds what ends it in the signed text, so that it could be read in two ways.
   */
  MALFORMED_ID,
  /** No active secret yields this signature for these bytes. */
  SIGNATURE_MISMATCH,
  /** Genuine, but signed too long ago. */
  STALE,
  /** Genuine, but signed further ahead than clocks may differ. */
  FUTURE,
  /** The credentials header is absent or empty. */
  MISSING_CREDENTIALS,
  /** The credentials header cannot be read as its scheme says. */
  MALFORMED_CREDENTIALS,
  /** The credentials are not the configured ones. */
  CREDENTIALS_MISMATCH,
  /** The source is reached by its path key only, and the path had none. */
  MISSING_PATH_KEY,
  /** The path key is not a configured one. */
  PATH_KEY_MISMATCH;

  /** The metric tag: lower case with underscores. */
  public String tag() {
    return name().toLowerCase(Locale.ROOT);
  }
}
