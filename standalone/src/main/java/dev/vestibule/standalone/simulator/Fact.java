package dev.vestibule.standalone.simulator;

import dev.vestibule.contract.Vendor;
import dev.vestibule.events.EventType;
import dev.vestibule.events.Sensitivity;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * An event that a message should become, with what tells its copies apart. Holds for messages of
 * one account per vendor.
 *
 * @param type what happened
 * @param sensitivity the class of topic it belongs to
 * @param object what it is about: vendor and id
 * @param time when, or null where the vendor gives no time
 * @param delivery what the vendor gives per delivery, or null
 * @param state content of a snapshot, or null where the vendor sends events
 * @param hint an unsigned delivery id, or null
 * @param wording stands for the attributes: copies of one fact with another wording are revisions
 */
public record Fact(
    EventType type,
    Sensitivity sensitivity,
    String object,
    @Nullable Instant time,
    @Nullable String delivery,
    @Nullable String state,
    @Nullable String hint,
    String wording) {

  static Fact of(EventType type, Vendor vendor, String object, @Nullable Instant time) {
    Instant second = time == null ? null : time.truncatedTo(ChronoUnit.SECONDS);
    return new Fact(
        type, sensitivity(type, vendor), vendor + ":" + object, second, null, null, null, "");
  }

  Fact deliveredAs(String key) {
    return new Fact(type, sensitivity, object, time, key, state, hint, wording);
  }

  Fact inState(String content) {
    return new Fact(type, sensitivity, object, time, delivery, content, hint, wording);
  }

  Fact hinted(String unsignedId) {
    return new Fact(type, sensitivity, object, time, delivery, state, unsignedId, wording);
  }

  Fact worded(String text) {
    return new Fact(type, sensitivity, object, time, delivery, state, hint, text);
  }

  /** Object, type and time: what makes it this fact and no other. */
  String identity() {
    return object + "|" + type + "|" + time;
  }

  private static Sensitivity sensitivity(EventType type, Vendor vendor) {
    return switch (type) {
      case WATCHLIST_HIT, BOLO_ALERT, SCREENING_CLEARED, SCREENING_REQUESTED ->
          Sensitivity.RESTRICTED;
      default -> vendor.baseSensitivity();
    };
  }
}
