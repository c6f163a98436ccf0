package dev.vestibule.sink.warehouse;

import dev.vestibule.sink.Decoded;
import java.util.Locale;

/** Why a record is in {@code rejected_event}. */
enum RejectionReason {
  NULL_VALUE,
  UNDECODABLE,
  /** An event of a sensitivity that the warehouse is not granted, on a topic that it is. */
  NOT_GRANTED;

  static RejectionReason of(Decoded.Reason reason) {
    return switch (reason) {
      case NULL_VALUE -> NULL_VALUE;
      case UNDECODABLE -> UNDECODABLE;
    };
  }

  /** As in the table and in metrics. */
  String tag() {
    return name().toLowerCase(Locale.ROOT);
  }
}
