package dev.vestibule.normalizer.adapter;

import dev.vestibule.contract.Vendor;
import dev.vestibule.events.EventType;
import dev.vestibule.events.Sensitivity;

/** Who may see an event: decided by its type and vendor, never by a field. */
public final class Sensitivities {
  private Sensitivities() {}

  public static Sensitivity of(Vendor vendor, EventType type) {
    if (vendor.baseSensitivity() != Sensitivity.STANDARD) {
      return vendor.baseSensitivity();
    }
    return isRestricted(type) ? Sensitivity.RESTRICTED : Sensitivity.STANDARD;
  }

  /** Whether events of this type accuse or examine a person. */
  public static boolean isRestricted(EventType type) {
    return switch (type) {
      case WATCHLIST_HIT, BOLO_ALERT, SCREENING_CLEARED, SCREENING_REQUESTED -> true;
      default -> false;
    };
  }
}
