package dev.vestibule.standalone.simulator;

import dev.vestibule.contract.Vendor;
import java.time.Duration;
import java.util.Collections;
import java.util.List;

/**
 * When a vendor tries again after an attempt that did not succeed.
 *
 * @param waits how long it waits before each retry, counted from the attempt before
 */
public record RetryRule(List<Duration> waits) {
  /** One attempt only. */
  public static final RetryRule NONE = new RetryRule(List.of());

  public RetryRule {
    waits = List.copyOf(waits);
  }

  /**
   * A vendor's rule.
   *
   * <ul>
   *   <li>envoy: five retries within ten minutes (documented), evenly spread (inferred)
   *   <li>sign-in-app: at most three retries (documented), a minute apart (inferred)
   *   <li>kyberaccess: after 1 min, 5 min, 30 min, 2 h and 12 h (documented)
   *   <li>essentry: retries are documented, their number and spacing are not; as sign-in-app
   *   <li>curacel: nothing is documented, so none
   *   <li>standard-webhooks: the first steps of the schedule that the specification suggests
   * </ul>
   */
  public static RetryRule of(Vendor vendor) {
    return switch (vendor) {
      case ENVOY -> new RetryRule(Collections.nCopies(5, Duration.ofMinutes(2)));
      case SIGN_IN_APP, ESSENTRY -> new RetryRule(Collections.nCopies(3, Duration.ofMinutes(1)));
      case KYBERACCESS ->
          new RetryRule(
              List.of(
                  Duration.ofMinutes(1),
                  Duration.ofMinutes(5),
                  Duration.ofMinutes(30),
                  Duration.ofHours(2),
                  Duration.ofHours(12)));
      case CURACEL -> NONE;
      case STANDARD_WEBHOOKS ->
          new RetryRule(
              List.of(
                  Duration.ofSeconds(5),
                  Duration.ofMinutes(5),
                  Duration.ofMinutes(30),
                  Duration.ofHours(2)));
    };
  }

  /**
   * Whether the vendor is content with an answer: any 2xx (documented or, for essentry, inferred).
   */
  public boolean satisfiedBy(int status) {
    return status >= 200 && status < 300;
  }

  /** From the first attempt to the last. */
  public Duration horizon() {
    return waits.stream().reduce(Duration.ZERO, Duration::plus);
  }
}
