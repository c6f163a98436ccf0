package dev.vestibule.standalone.receipts;

import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Vendor;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What somebody holds of a delivery, an event or a visit and asks about. */
sealed interface Reference {

  /** What a delivery is known by, for messages. */
  String EXPECTED =
      "a receipt (<topic>-<partition>@<offset> of a raw topic, or spool-<source>@<number>) or a"
          + " request id (UUID version 7)";

  /** A receipt that names the raw record. */
  record Stored(Place place) implements Reference {}

  /** A receipt that names a record of a local spool. */
  record Spooled(String source, long number) implements Reference {
    /** As the sender got it. */
    String text() {
      return "spool-" + source + "@" + number;
    }
  }

  /** The id that the ingress gave to the request. */
  record Request(UUID id) implements Reference {

    /** When it was given; a UUID of version 7 begins with the milliseconds. */
    Instant time() {
      return Instant.ofEpochMilli(id.getMostSignificantBits() >>> 16);
    }
  }

  /** An event id, without revision. */
  record Event(String id) implements Reference {}

  /**
   * A visit.
   *
   * @param id as the vendor names it, alone or behind {@code account:}
   */
  record Visit(String id) implements Reference {}

  /** What the text says of one delivery; empty when it is neither receipt nor request id. */
  static Optional<Reference> toDelivery(String text, TopicNames names) {
    Optional<Reference> stored =
        Place.parse(text).filter(place -> isRaw(place.topic(), names)).map(Stored::new);
    if (stored.isPresent()) {
      return stored;
    }
    Matcher spooled = Texts.SPOOLED.matcher(text);
    if (spooled.matches()) {
      return Optional.of(new Spooled(spooled.group(1), Long.parseLong(spooled.group(2))));
    }
    return uuid(text, 7).map(Request::new);
  }

  /** The same, where anything else is an event id or a visit. */
  static Reference toAnything(String text, TopicNames names) {
    return toDelivery(text, names)
        .or(() -> eventId(text).map(Event::new))
        .orElseGet(() -> new Visit(text));
  }

  /** The same text for a message, whatever it holds. */
  static String printable(String text) {
    String start = text.length() <= 120 ? text : text.substring(0, 120) + "…";
    return start.replaceAll("[^\\p{Graph}\\p{L}\\p{N} ]", "?");
  }

  private static boolean isRaw(String topic, TopicNames names) {
    return Arrays.stream(Vendor.values())
        .anyMatch(vendor -> names.of(vendor.rawTopic()).equals(topic));
  }

  /** An event id, also as {@code ce_id} of a revision. */
  private static Optional<String> eventId(String text) {
    Matcher matcher = Texts.EVENT.matcher(text);
    return matcher.matches() ? uuid(matcher.group(1), 8).map(UUID::toString) : Optional.empty();
  }

  private static Optional<UUID> uuid(String text, int version) {
    try {
      UUID id = UUID.fromString(text);
      boolean exact = id.toString().equals(text.toLowerCase(Locale.ROOT));
      return exact && id.version() == version ? Optional.of(id) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Shapes of the texts. */
  final class Texts {
    private static final Pattern SPOOLED = Pattern.compile("spool-([^@/\\s]{1,100})@([0-9]{1,18})");
    private static final Pattern EVENT =
        Pattern.compile("([0-9a-fA-F-]{36})(?:\\.r[0-9a-fA-F]{1,64})?");

    private Texts() {}
  }
}
