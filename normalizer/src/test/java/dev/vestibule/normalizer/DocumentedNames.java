package dev.vestibule.normalizer;

/** Every event name of the vendors' documentation, SDKs and known spellings. */
final class DocumentedNames {
  static final String[] KYBERACCESS = {
    "visitor.checked_in",
    "visitor.checked_out",
    "visitor.denied",
    "visitor.pre_registered",
    "visitor.pre_registration_cancelled",
    "visitor.updated",
    "visitor.deleted",
    "screening.watchlist_hit",
    "screening.bolo_alert",
    "screening.cleared",
    "emergency.lockdown_activated",
    "emergency.lockdown_deactivated",
    "emergency.evacuation_activated",
    "document.nda_signed",
    "document.nda_declined",
    "delivery.received",
    "delivery.picked_up",
    "delivery.notified",
    "user.login",
    "user.login_failed",
    "settings.updated"
  };

  static final String[] ENVOY = {
    "entry_sign_in",
    "entry_sign_out",
    "entry_blacklist_review",
    "entry_blacklist_deny",
    "invite_created",
    "invite_updated",
    "invite_removed",
    "upcoming_visit",
    "qr_code_sent",
    "employee_entry_sign_in",
    "employee_entry_sign_out",
    "employee_entry_blacklist_review",
    "employee_entry_blacklist_deny",
    "employee_invite_created",
    "employee_invite_updated",
    "employee_upcoming_visit",
    "location_capacity_updated",
    "desk_sign_in",
    "ticket_created",
    "employee_invite_removed",
    "plugin_uninstalled",
    "entry_screen_requested",
    "entry_screened",
    "entry_reviewed",
    "entry_manually_updated",
    "invite_reviewed",
    "invite_screen_requested",
    "identity_verification_requested",
    "entry_badge_print_requested",
    "takeover_started",
    "takeover_ended",
    "entry_block_list_review",
    "entry_block_list_deny",
    "entry_block_list_denied"
  };

  static final String[] SIGN_IN_APP = {
    "visitor.signin", "visitor.sign-in", "visitor.signout", "visitor.sign-out"
  };

  private DocumentedNames() {}
}
