package dev.vestibule.ingress.publish;

import java.util.Locale;

/** A record could not be made durable. */
public final class PublishException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Why; also the {@code reason} tag of the metric. */
  public enum Reason {
    /** No acknowledgement in time: Kafka is down, slow, or short of replicas. */
    TIMEOUT,
    /** The record is larger than the topic or the producer allows; trying again cannot help. */
    TOO_LARGE,
    /** The topic grows, or nobody knows whether it does: senders must come back later. */
    PAUSED,
    /** The spool holds as much, or something as old, as it may. */
    SPOOL_FULL,
    /** The spool's disk does not take the record. */
    SPOOL_FAILED,
    /** The source no longer spools, and what its spool holds must be in Kafka first. */
    SPOOL_DRAINING,
    /** The ingress is stopping. */
    CLOSED,
    /** Kafka refused the record for another reason. */
    REFUSED;

    /** The metric tag. */
    public String tag() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Reason reason;

  public PublishException(Reason reason) {
    super(reason.tag());
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
