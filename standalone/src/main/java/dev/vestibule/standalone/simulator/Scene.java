package dev.vestibule.standalone.simulator;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.UUID;

/**
 * What is behind a message: who comes, to whom, where and when. All of it is invented. Values are
 * texts or numbers, by the names that samples use in {@code {{…}}}.
 */
final class Scene {
  private static final List<String> FIRST =
      List.of("Zoë", "Amina", "Jonas", "Mei", "Tomás", "Ingrid", "Kwame", "Leïla", "Piotr", "Sana");
  private static final List<String> LAST =
      List.of("Müller", "Okafor", "Lindqvist", "Chen", "García", "Nowak", "Haddad", "Brown");
  private static final List<String> COMPANY =
      List.of("Example Works", "Sample & Sons", "Acme/North", "Möbel Beispiel", "Demo Labs");
  private static final List<String> PURPOSE =
      List.of("Meeting", "Interview", "Maintenance", "Delivery", "Guided tour");
  private static final List<String> HOST =
      List.of("Sam Host", "Robin Desk", "Alex Lobby", "Kim Front");

  /** Ids below this are left to whoever numbers messages in order. */
  private static final long FRESH_IDS = 1_000_000L;

  private final Map<String, Object> values;

  private Scene(Map<String, Object> values) {
    this.values = values;
  }

  /** Somebody new, with ids that were not used before. */
  static Scene fresh(Random random, Instant now) {
    Map<String, Object> values = new LinkedHashMap<>();
    String first = pick(FIRST, random);
    String last = pick(LAST, random);
    String host = pick(HOST, random);
    values.put("first", first);
    values.put("last", last);
    values.put("name", first + " " + last);
    values.put("email", "visitor" + random.nextInt(10_000) + "@example.com");
    values.put("company", pick(COMPANY, random));
    values.put("purpose", pick(PURPOSE, random));
    values.put("host", host);
    values.put("host.email", host.toLowerCase(Locale.ROOT).replace(' ', '.') + "@example.org");
    values.put("host.id", 100L + random.nextInt(900));
    values.put("badge", "%04d".formatted(random.nextInt(10_000)));
    values.put("account", "001");
    values.put("site", 143L);
    values.put("site.name", "Main Office");
    for (String id : List.of("visit", "invite", "person")) {
      values.put(id, FRESH_IDS + random.nextInt(Integer.MAX_VALUE));
    }
    return new Scene(values).sameFactAgain(random).at(now);
  }

  /** The same visit, with new ids for the next message about it. */
  Scene sameFactAgain(Random random) {
    return with("event", hex(random, 8))
        .with("key", hex(random, 8))
        .with("uuid", uuid(random))
        .with("job", uuid(random));
  }

  /** The same scene at another time: arrived 95 minutes before, expected a day later. */
  Scene at(Instant now) {
    return withTime("now", now)
        .withTime("earlier", now.minus(Duration.ofMinutes(95)))
        .withTime("later", now.plus(Duration.ofDays(1)));
  }

  /** One named time, in every spelling that samples use. */
  Scene withTime(String name, Instant time) {
    Instant second = time.truncatedTo(ChronoUnit.SECONDS);
    return with(name, at("yyyy-MM-dd'T'HH:mm:ss'Z'", time))
        .with(name + ".millis", at("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", second))
        .with(name + ".micros", at("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'", time))
        .with(name + ".sql", at("yyyy-MM-dd HH:mm:ss", time))
        .with(name + ".date", at("yyyy-MM-dd", time));
  }

  private static String at(String pattern, Instant time) {
    return DateTimeFormatter.ofPattern(pattern, Locale.ROOT).format(time.atOffset(ZoneOffset.UTC));
  }

  Scene with(String name, Object value) {
    Map<String, Object> changed = new LinkedHashMap<>(values);
    changed.put(name, value);
    return new Scene(changed);
  }

  /**
   * @throws IllegalArgumentException when a sample names something that no scene has
   */
  Object value(String name) {
    Object value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException("a sample asks for {{" + name + "}}, which is unknown");
    }
    return value;
  }

  /** An id such as a vendor gives to a delivery. */
  static String deliveryId(Random random) {
    return "dlv_" + hex(random, 8);
  }

  private static String pick(List<String> choices, Random random) {
    return choices.get(random.nextInt(choices.size()));
  }

  private static String hex(Random random, int bytes) {
    byte[] chosen = new byte[bytes];
    random.nextBytes(chosen);
    return HexFormat.of().formatHex(chosen);
  }

  private static String uuid(Random random) {
    long high = (random.nextLong() & ~0xF000L) | 0x4000L;
    long low = (random.nextLong() >>> 2) | Long.MIN_VALUE;
    return new UUID(high, low).toString();
  }
}
