package dev.vestibule.normalizer.adapter;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the date-times that vendors write: ISO 8601 with zone or offset, SQL style with a blank, a
 * trailing {@code UTC}, or no zone at all, which means UTC (inferred from Envoy's SDK; all other
 * vendors' samples carry a {@code Z}).
 */
public final class Times {
  private static final Pattern DATE_TIME =
      Pattern.compile(
          "(\\d{4})-(\\d{2})-(\\d{2})[Tt ](\\d{2}):(\\d{2})(?::(\\d{2})(?:[.,](\\d{1,20}))?)?"
              + " ?(Z|z|UTC|[+-]\\d{2}(?::?\\d{2})?)?");

  private Times() {}

  /**
   * The instant cut to microseconds, or null when there is none to read. Years 0001 to 9999 only,
   * which is what every store downstream can hold.
   */
  public static @Nullable Instant parse(@Nullable String text) {
    if (text == null) {
      return null;
    }
    Matcher matcher = DATE_TIME.matcher(text.strip());
    if (!matcher.matches()) {
      return null;
    }
    try {
      LocalDateTime local =
          LocalDateTime.of(
              number(matcher.group(1)),
              number(matcher.group(2)),
              number(matcher.group(3)),
              number(matcher.group(4)),
              number(matcher.group(5)),
              number(matcher.group(6)),
              nanos(matcher.group(7)));
      Instant instant = local.toInstant(offset(matcher.group(8)));
      return local.getYear() < 1 ? null : instant.truncatedTo(ChronoUnit.MICROS);
    } catch (DateTimeException e) {
      return null;
    }
  }

  /** The instant cut to the second as text, for fact keys; null for null. */
  public static @Nullable String second(@Nullable Instant instant) {
    return instant == null ? null : instant.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private static int number(@Nullable String digits) {
    return digits == null ? 0 : Integer.parseInt(digits);
  }

  private static int nanos(@Nullable String fraction) {
    return fraction == null ? 0 : Integer.parseInt((fraction + "000000000").substring(0, 9));
  }

  private static ZoneOffset offset(@Nullable String zone) {
    return zone == null || zone.equalsIgnoreCase("Z") || zone.equals("UTC")
        ? ZoneOffset.UTC
        : ZoneOffset.of(zone);
  }
}
