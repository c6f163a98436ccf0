package dev.vestibule.ingress.decision;

import java.util.Locale;

/** Why a decision is as it is; also the {@code reason} tag of the metric. */
public enum Reason {
  /** A policy matched. */
  POLICY,
  /** No policy matched, so the source's default counts. */
  NO_POLICY,
  /** A policy could not say. */
  POLICY_FAILED,
  /** The watchlist does not clear the visitor. */
  WATCHLIST,
  /** No policy matched, and the external service approves. */
  EXTERNAL_APPROVE,
  /** The external service wants a person to look. */
  EXTERNAL_REVIEW,
  /** The external service did not answer in time. */
  EXTERNAL_TIMEOUT,
  /** The external service could not be reached, or what it answered is no answer. */
  EXTERNAL_FAILED,
  /** The external service has failed too often lately, and was not asked. */
  EXTERNAL_OPEN,
  /** The external service was not asked, since too many questions are under way. */
  EXTERNAL_OVERLOAD,
  /** The call does not have the form it should. */
  UNREADABLE,
  /** Policies and watchlist have not been read yet. */
  NO_SNAPSHOT,
  /** Policies and watchlist may be outdated, at a site where that is not good enough. */
  STALE_SNAPSHOT,
  /** Deciding took too long. */
  SOFT_DEADLINE,
  /** Writing the decision down took too long. */
  HARD_DEADLINE,
  /** Too many decisions wait. */
  OVERLOAD,
  /** The source's rate is used up. */
  RATE_LIMITED,
  /** The call is larger than the source allows. */
  TOO_LARGE,
  /** The decision or the call could not be written down. */
  NOT_RECORDED,
  /** Something broke. */
  FAILED,
  /** The entry was answered before. */
  REPEATED;

  /** The word in records and metrics. */
  public String tag() {
    return name().toLowerCase(Locale.ROOT);
  }
}
