package dev.vestibule.config;

import java.nio.file.Path;
import java.time.Duration;

/**
 * Where and how much the ingress keeps while Kafka does not take it.
 *
 * @param folder one sub-folder per source lies in it; relative to the data folder
 * @param maxBytes largest size on disk of one source's spool; above it requests get 503
 * @param maxAge greatest age of a spool's oldest record; above it requests get 503
 * @param ackTimeout how long Kafka may take before a record goes to the spool
 */
public record SpoolConfig(Path folder, long maxBytes, Duration maxAge, Duration ackTimeout) {

  /** What holds where nothing is configured. */
  public static final SpoolConfig DEFAULT =
      new SpoolConfig(
          Path.of("ingress", "spool"), 1L << 30, Duration.ofDays(3), Duration.ofMillis(1500));
}
