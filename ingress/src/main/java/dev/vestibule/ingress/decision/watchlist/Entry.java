package dev.vestibule.ingress.decision.watchlist;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Somebody, or a company, that is watched for.
 *
 * <p>Any one of names, e-mail addresses and phone numbers finds a visitor. Companies find visitors
 * only where an entry holds nothing else: a person's employer must not stop all colleagues.
 *
 * @param id permanent, at most 128 characters; key of the entry's record
 * @param names the name and its aliases, as written
 * @param sites site ids it holds for; empty = every site
 * @param expires first moment at which it no longer holds, in whole milliseconds; null = never
 * @param reason for security's eyes only; never printed, matched or answered
 */
public record Entry(
    String id,
    List<String> names,
    List<String> emails,
    List<String> phones,
    List<String> companies,
    Set<String> sites,
    @Nullable Instant expires,
    @Nullable String reason,
    Origin origin) {

  static final int ID_LENGTH = 128;
  static final int VALUES = 64;
  static final int VALUE_LENGTH = 300;
  static final int SITES = 10_000;
  static final int REASON_LENGTH = 4_000;
  private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59.999Z");

  /**
   * An entry.
   *
   * @throws InvalidEntryException naming the field
   */
  public Entry {
    checkId(id);
    names = values("names", names, VALUES);
    emails = values("emails", emails, VALUES);
    phones = values("phones", phones, VALUES);
    companies = values("companies", companies, VALUES);
    sites = Set.copyOf(values("sites", sites, SITES));
    if (names.isEmpty() && emails.isEmpty() && phones.isEmpty() && companies.isEmpty()) {
      throw new InvalidEntryException("names", "must not be empty without email, phone or company");
    }
    if (expires != null) {
      if (expires.isBefore(Instant.EPOCH) || expires.isAfter(LATEST)) {
        throw new InvalidEntryException("expires", "must lie between 1970 and 9999");
      }
      expires = expires.truncatedTo(ChronoUnit.MILLIS);
    }
    if (reason != null) {
      reason = wellFormed(reason).strip();
      if (reason.length() > REASON_LENGTH) {
        throw new InvalidEntryException(
            "reason", "must have at most " + REASON_LENGTH + " characters");
      }
      reason = reason.isEmpty() ? null : reason;
    }
  }

  static void checkId(String id) {
    if (id.isBlank() || id.length() > ID_LENGTH || !id.equals(id.strip())) {
      throw new InvalidEntryException(
          "id", "must have 1 to " + ID_LENGTH + " characters and no space around them");
    }
    if (id.codePoints().anyMatch(c -> Character.isISOControl(c) || isLoneSurrogate(c))) {
      throw new InvalidEntryException("id", "must not hold control characters");
    }
  }

  private static boolean isLoneSurrogate(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }

  /** UTF-8 has no lone surrogates, so an entry that had some would not survive its record. */
  private static String wellFormed(String text) {
    return new String(text.getBytes(UTF_8), UTF_8);
  }

  private static List<String> values(String field, Collection<String> given, int most) {
    Set<String> values = new LinkedHashSet<>();
    for (String value : given) {
      String stripped = wellFormed(value).strip();
      if (stripped.isEmpty() || stripped.length() > VALUE_LENGTH) {
        throw new InvalidEntryException(
            field, "must each have 1 to " + VALUE_LENGTH + " characters");
      }
      values.add(stripped);
    }
    if (values.size() > most) {
      throw new InvalidEntryException(field, "must be at most " + most);
    }
    return List.copyOf(values);
  }

  Entry withId(String other) {
    return new Entry(other, names, emails, phones, companies, sites, expires, reason, origin);
  }

  /** Whether it is about a company as a whole, and no person. */
  boolean isCompany() {
    return names.isEmpty() && emails.isEmpty() && phones.isEmpty();
  }

  /** The id and where it comes from; never whom it is about, nor why. */
  @Override
  public String toString() {
    return "Entry[id=" + id + ", origin=" + origin.text() + "]";
  }
}
