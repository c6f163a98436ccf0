package dev.vestibule.normalizer.adapter.envoy;

import dev.vestibule.events.EventType;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an Envoy event name says. {@code employee_} names mean the same for employees; {@code
 * block_list} and {@code denied} are spellings of the documented {@code blacklist} and {@code deny}
 * seen in dashboards and third-party code.
 *
 * @param received as received
 * @param plain without {@code employee_}, in the documented spelling
 */
record EventName(String received, String plain) {
  private static final Pattern BLOCK_LIST =
      Pattern.compile("(entry|invite)_(?:blacklist|block_list|blocklist)_(review|deny|denied)");

  static EventName of(String received) {
    String plain = received.strip().toLowerCase(Locale.ROOT).replaceFirst("^employee_", "");
    plain =
        BLOCK_LIST.matcher(plain).replaceFirst("$1_blacklist_$2").replaceFirst("_denied$", "_deny");
    return new EventName(received, plain);
  }

  /**
   * The type, for names whose meaning depends on it after a look at the approval status.
   *
   * @param approval {@code approval-status.status}, or null
   */
  EventType type(@Nullable String approval) {
    return switch (plain) {
      case "entry_sign_in" -> EventType.SIGNED_IN;
      case "entry_sign_out" -> EventType.SIGNED_OUT;
      case "entry_blacklist_review", "invite_blacklist_review" -> EventType.REVIEW_REQUIRED;
      case "entry_blacklist_deny", "invite_blacklist_deny" -> EventType.DENIED;
      case "invite_created" -> EventType.PRE_REGISTERED;
      case "invite_updated", "entry_manually_updated" -> EventType.UPDATED;
      case "invite_removed" -> EventType.PRE_REGISTRATION_CANCELLED;
      case "upcoming_visit" -> EventType.UPCOMING;
      case "entry_screen_requested", "invite_screen_requested", "identity_verification_requested" ->
          EventType.SCREENING_REQUESTED;
      case "entry_screened", "entry_reviewed", "invite_reviewed" -> reviewed(approval);
      default -> EventType.OTHER;
    };
  }

  private static EventType reviewed(@Nullable String approval) {
    return switch (approval == null ? "" : approval.toLowerCase(Locale.ROOT)) {
      case "approved" -> EventType.APPROVED;
      case "denied" -> EventType.DENIED;
      case "review", "pending" -> EventType.REVIEW_REQUIRED;
      default -> EventType.OTHER;
    };
  }

  /** Kind of resource that the payload of this event is, as in its {@code type}, or null. */
  @Nullable String resource() {
    if (plain.startsWith("entry_")) {
      return "entries";
    }
    return plain.startsWith("invite_")
            || plain.equals("upcoming_visit")
            || plain.equals("qr_code_sent")
        ? "invites"
        : null;
  }

  /**
   * Attribute that tells one such fact of a resource from the next; empty where a resource has one
   * such fact only; null where there is no fact to recognize on another path.
   */
  @Nullable String discriminator() {
    return switch (plain) {
      case "entry_sign_in" -> "signed-in-at";
      case "entry_sign_out" -> "signed-out-at";
      case "upcoming_visit" -> "expected-arrival-time";
      case "qr_code_sent" -> "qr-code-sent-at";
      case "invite_created",
          "invite_removed",
          "entry_blacklist_review",
          "invite_blacklist_review",
          "entry_blacklist_deny",
          "invite_blacklist_deny" ->
          "";
      default -> null;
    };
  }
}
