package dev.vestibule.config;

import java.net.URI;
import java.time.Duration;
import java.util.List;

/**
 * A service of the customer that is asked before a visitor is approved.
 *
 * @param url where it is asked; https, or http on this machine
 * @param secrets it is asked with a signature of each, so that they can be rotated; {@code
 *     whsec_<base64>}, at least one
 * @param budget how long asking may take altogether; less than the soft deadline
 * @param perTry how long one request may take; at most the budget
 * @param mode what its answer may change
 * @param facts what it is told, as policies name it, e.g. {@code site.id}
 */
public record ExternalConfig(
    URI url,
    List<Secret> secrets,
    Duration budget,
    Duration perTry,
    Mode mode,
    List<String> facts) {

  /** What the service's answer may change. */
  public enum Mode {
    /** It may turn an approval into a review. */
    TIGHTEN,
    /** It also decides where no policy matches, in place of the source's default. */
    DECIDE
  }

  static final Duration MIN_BUDGET = Duration.ofMillis(50);

  /** What is left of a soft deadline for everything else. */
  static final Duration RESERVE = Duration.ofMillis(50);

  static final Duration DEFAULT_BUDGET = Duration.ofMillis(800);
  static final Duration DEFAULT_PER_TRY = Duration.ofMillis(500);

  /** Ids with which the customer can look up the rest; nothing that a visitor typed. */
  static final List<String> DEFAULT_FACTS = List.of("entry.id", "invite.id", "site.id");

  public ExternalConfig {
    secrets = List.copyOf(secrets);
    facts = List.copyOf(facts);
  }

  /** The same service, asked with other secrets. */
  ExternalConfig withSecrets(List<Secret> others) {
    return new ExternalConfig(url, others, budget, perTry, mode, facts);
  }

  /** Leaves out what may follow the host: some services have a key in the path. */
  @Override
  public String toString() {
    return "ExternalConfig[" + url.getHost() + " " + mode + " " + facts + "]";
  }
}
