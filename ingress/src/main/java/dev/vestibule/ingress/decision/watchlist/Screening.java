package dev.vestibule.ingress.decision.watchlist;

import dev.vestibule.events.EventType;
import dev.vestibule.events.Person;
import dev.vestibule.events.VisitorEvent;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Entries from hits that a vendor's own screening reports: KyberAccess' {@code
 * screening.watchlist_hit} and {@code screening.bolo_alert}.
 *
 * <p>Such an entry holds everywhere, since the vendor's site ids mean nothing to other vendors, and
 * for a time, since nobody reports that somebody was taken off a list. {@code screening.cleared}
 * takes nothing back: it is also what every uneventful check says. The company is left out.
 */
public final class Screening {
  private static final Set<EventType> HITS = Set.of(EventType.WATCHLIST_HIT, EventType.BOLO_ALERT);

  private Screening() {}

  /** Whether an event is a hit, whoever it is about. */
  public static boolean isHit(VisitorEvent event) {
    return HITS.contains(event.getType());
  }

  /**
   * The entry that an event calls for; none for other events, and none where neither an e-mail
   * address nor a phone number nor a name of two words says who it is.
   *
   * @param keep how long it holds after the event has arrived
   */
  public static Optional<Entry> entry(VisitorEvent event, Duration keep, Normal normal) {
    if (!isHit(event) || event.getPerson() == null) {
      return Optional.empty();
    }
    Person person = event.getPerson();
    List<String> names = values(name(person), name -> severalWords(name, normal));
    List<String> emails = values(person.getEmail(), email -> normal.email(email) != null);
    List<String> phones = values(person.getPhone(), phone -> normal.phone(phone) != null);
    if (names.isEmpty() && emails.isEmpty() && phones.isEmpty()) {
      return Optional.empty();
    }
    Entry entry =
        new Entry(
            "screening",
            names,
            emails,
            phones,
            List.of(),
            Set.of(),
            event.getReceivedAt().plus(keep),
            reason(event),
            Origin.SCREENING);
    return Optional.of(entry.withId("screening-" + normal.identity(entry)));
  }

  private static @Nullable String name(Person person) {
    if (person.getFullName() != null) {
      return person.getFullName();
    }
    String joined =
        Stream.of(person.getFirstName(), person.getLastName())
            .filter(part -> part != null && !part.isBlank())
            .collect(Collectors.joining(" "));
    return joined.isEmpty() ? null : joined;
  }

  private static boolean severalWords(String name, Normal normal) {
    return normal.names(name).stream().anyMatch(form -> form.indexOf(' ') > 0);
  }

  private static List<String> values(@Nullable String value, Predicate<String> useful) {
    return value == null || value.length() > Entry.VALUE_LENGTH || !useful.test(value)
        ? List.of()
        : List.of(value);
  }

  private static String reason(VisitorEvent event) {
    String category = event.getAttributes().get("list_category");
    String text =
        event.getVendor()
            + " "
            + event.getVendorEventType()
            + " "
            + event.getEventId()
            + (category == null ? "" : ", list " + category);
    return text.length() <= Entry.REASON_LENGTH ? text : text.substring(0, Entry.REASON_LENGTH);
  }
}
