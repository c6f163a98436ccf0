package dev.vestibule.sink.slack.card;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vestibule.events.Alert;
import dev.vestibule.events.AlertSeverity;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What an alert channel shows of one matter: an alert, or alike ones as a number. Alerts about
 * visits and events are never a number: whose they are is told for each. All texts are clean and
 * short.
 *
 * @param kind as the newest alert names it
 * @param severity the highest; of a destination the newest
 * @param source or null
 * @param site the vendor's id, or null
 * @param about what leads to the visit, or null
 * @param details by name
 * @param omitted how many details are not kept
 * @param count of alerts; the end of an outage does not count
 * @param first when the first matter happened
 * @param begun when the first alert was raised
 * @param last when the last alert was raised
 * @param ids of the last alerts, so that copies do not count
 */
public record AlertView(
    String kind,
    AlertSeverity severity,
    @Nullable String source,
    @Nullable String site,
    @Nullable String about,
    Map<String, String> details,
    int omitted,
    int count,
    Instant first,
    Instant begun,
    Instant last,
    List<String> ids)
    implements View {

  /** Type of the metadata of an alert's message. */
  public static final String EVENT_TYPE = "alert_notice";

  /** So long alike alerts are one message, counted from its first; in an outage from its last. */
  public static final Duration TOGETHER = Duration.ofHours(1);

  private static final String SINK = "sink";

  static final int MOST_IDS = 100;
  static final int MOST_DETAILS = 8;

  private static final int MOST_OF_NAME = 40;
  private static final int MOST_OF_VALUE = 200;
  private static final int MOST_OF_WORD = 80;

  /** Details that say which of several places or destinations it is. */
  private static final List<String> PLACES = List.of(SINK, "source", "site");

  public AlertView {
    details = Map.copyOf(details);
    ids = List.copyOf(ids);
  }

  /**
   * What alerts have in common that may be told in one message. Knows no time, so that the end of
   * an outage finds its beginning however long ago that was; {@link #takes} knows it. To be hashed
   * before it is used elsewhere, since its parts come as they are.
   *
   * <ul>
   *   <li>About a visit or an event: the alert's id. No visitor is lost in another's count.
   *   <li>About what a sink writes to: the sink, so that its return ends what was told.
   *   <li>Else kind, source, account and site, and the details that name a place.
   * </ul>
   */
  public static String dedupeKey(Alert alert) {
    if (isOutage(alert.getKind())) {
      return key("destination", alert.getDetails().get(SINK));
    }
    if (isAboutOne(alert)) {
      return key("one", alert.getKind(), alert.getAlertId());
    }
    List<@Nullable String> parts = new ArrayList<>();
    parts.add(alert.getKind());
    parts.add(alert.getSource());
    parts.add(alert.getAccount());
    parts.add(alert.getSiteId());
    PLACES.forEach(place -> parts.add(alert.getDetails().get(place)));
    return key("alike", parts.toArray(String[]::new));
  }

  /** The view of a message that begins with an alert. */
  public static AlertView of(Alert alert) {
    Map<String, String> details = details(alert.getDetails());
    String kind = word(alert.getKind());
    return new AlertView(
        kind == null ? "unnamed" : kind,
        alert.getSeverity(),
        word(alert.getSource()),
        word(alert.getSiteId()),
        about(alert),
        details,
        alert.getDetails().size() - details.size(),
        1,
        alert.getOccurredAt(),
        alert.getRaisedAt(),
        alert.getRaisedAt(),
        List.of(Text.clean(alert.getAlertId(), MOST_OF_WORD)));
  }

  /**
   * Whether an alert of the same {@link #dedupeKey} belongs to this message. If not, a new one
   * begins and this one is finished. What was raised earlier never begins one. An outage goes on
   * while it is raised at least every hour: a sink that was stopped never says that it is over, and
   * the next outage must not be lost in a message that is long read.
   */
  public boolean takes(Alert alert) {
    return knows(alert)
        || (isOpen() && alert.getRaisedAt().isBefore(last.plus(TOGETHER)))
        || isReturn(alert)
        || alert.getRaisedAt().isBefore(begun.plus(TOGETHER));
  }

  /** With one alert more. A copy does not count; it only shows until when it was raised. */
  public AlertView with(Alert alert) {
    AlertView one = of(alert);
    boolean copy = knows(alert);
    boolean newer = !one.last.isBefore(last);
    AlertView told = newer && !copy ? one : this;
    return new AlertView(
        told.kind,
        severity(one, told),
        told.source,
        told.site,
        told.about,
        told.details,
        told.omitted,
        copy || isReturn(alert) ? count : count + 1,
        one.first.isBefore(first) && !copy ? one.first : first,
        one.begun.isBefore(begun) && !copy ? one.begun : begun,
        newer ? one.last : last,
        copy ? ids : remembered(one.ids.getFirst()));
  }

  private boolean knows(Alert alert) {
    return ids.contains(Text.clean(alert.getAlertId(), MOST_OF_WORD));
  }

  private static boolean isReturn(Alert alert) {
    return known(alert.getKind()) == AlertKind.DESTINATION_BACK;
  }

  /** A destination that is not back yet. */
  private boolean isOpen() {
    return isOutage(kind) && known(kind) != AlertKind.DESTINATION_BACK;
  }

  private AlertSeverity severity(AlertView one, AlertView told) {
    if (isOutage(kind)) {
      return told.severity;
    }
    return one.severity.compareTo(severity) > 0 ? one.severity : severity;
  }

  private List<String> remembered(String id) {
    List<String> all = new ArrayList<>(ids);
    all.add(id);
    return all.subList(Math.max(0, all.size() - MOST_IDS), all.size());
  }

  private static boolean isOutage(String kind) {
    AlertKind known = known(kind);
    return known != null && known.isOutage();
  }

  private static @Nullable AlertKind known(String kind) {
    return AlertKind.of(kind).orElse(null);
  }

  private static boolean isAboutOne(Alert alert) {
    return alert.getVisitKey() != null
        || alert.getEventId() != null
        || alert.getKind().equals(AlertKind.UNSCREENED_ENTRY.word());
  }

  /** Parts with their lengths, so that no two lists of them look alike. */
  private static String key(String form, @Nullable String... parts) {
    StringBuilder key = new StringBuilder(form);
    for (String part : parts) {
      key.append(part == null ? "/-" : "/" + part.length() + ":" + part);
    }
    return key.toString();
  }

  private static @Nullable String about(Alert alert) {
    String event = word(alert.getEventId());
    if (event != null) {
      return "event " + event;
    }
    String visit = word(alert.getVisitKey());
    return visit == null ? null : "visit " + visit;
  }

  private static @Nullable String word(@Nullable String raw) {
    String text = Text.clean(raw, MOST_OF_WORD);
    return text.isEmpty() ? null : text;
  }

  /** The first ones by name; which sink it is is never left out. */
  private static Map<String, String> details(Map<String, String> raw) {
    Map<String, String> kept = new TreeMap<>();
    String sink = Text.clean(raw.get(SINK), MOST_OF_VALUE);
    if (!sink.isEmpty()) {
      kept.put(SINK, sink);
    }
    new TreeMap<>(raw)
        .forEach((key, text) -> {
          String name = Text.clean(key, MOST_OF_NAME);
          String value = Text.clean(text, MOST_OF_VALUE);
          if (!name.isEmpty() && !value.isEmpty() && kept.size() < MOST_DETAILS) {
            kept.putIfAbsent(name, value);
          }
        });
    return kept;
  }

  @Override
  public Message message(String key, long sequence) {
    Optional<AlertKind> known = AlertKind.of(kind);
    Blocks blocks = new Blocks().header(known.map(AlertKind::title).orElse("Alert"));
    known.ifPresent(k -> blocks.section(Blocks.plain(k.meaning(), Limits.SECTION)));
    blocks.fields(fields());
    List<JsonNode> context = context();
    if (!context.isEmpty()) {
      blocks.context(context);
    }
    return new Message(text(), blocks.done(), VisitCard.metadata(EVENT_TYPE, key, sequence));
  }

  private List<JsonNode> fields() {
    List<JsonNode> fields = new ArrayList<>();
    fields.add(Blocks.field("Kind", kind));
    fields.add(
        Blocks.field(
            "Severity",
            switch (severity) {
              case CRITICAL -> "critical, somebody should look now";
              case WARNING -> "warning, somebody should look";
              case INFO -> "good to know";
            }));
    String sink = details.get(SINK);
    if (sink != null) {
      fields.add(Blocks.field("Sink", sink));
    }
    if (source != null) {
      fields.add(Blocks.field("Source", source));
    }
    if (site != null) {
      fields.add(Blocks.field("Site", site));
    }
    if (count > 1) {
      fields.add(Blocks.plain("Alerts: " + count, Limits.FIELD));
    }
    fields.add(Blocks.time(count > 1 ? "First happened" : "Happened", first));
    fields.add(Blocks.time(lastWords(), last));
    return fields;
  }

  private String lastWords() {
    if (known(kind) == AlertKind.DESTINATION_BACK) {
      return "Back since";
    }
    return begun.equals(last) ? "Raised" : "Last raised";
  }

  /** Names and values of details are told apart from our own words by how they are joined. */
  private List<JsonNode> context() {
    List<JsonNode> context = new ArrayList<>();
    new TreeMap<>(details)
        .forEach((name, value) -> {
          if (!name.equals(SINK)) {
            context.add(Blocks.plain(name + " = " + value, Limits.FIELD));
          }
        });
    if (omitted > 0) {
      context.add(Blocks.plain("and " + omitted + " more", Limits.FIELD));
    }
    if (about != null) {
      context.add(Blocks.plain(about, Limits.FIELD));
    }
    return context;
  }

  /** Our words first: nothing that stands in an alert can begin the line. */
  private String text() {
    StringBuilder text =
        new StringBuilder(
            switch (severity) {
              case CRITICAL -> "Critical: ";
              case WARNING -> "Warning: ";
              case INFO -> "Good to know: ";
            });
    text.append(AlertKind.of(kind).map(AlertKind::title).orElseGet(() -> "alert " + escaped(kind)));
    if (site != null) {
      text.append(" at ").append(escaped(site));
    }
    if (source != null) {
      text.append(", source ").append(escaped(source));
    }
    String sink = details.get(SINK);
    if (sink != null) {
      text.append(", sink ").append(escaped(sink));
    }
    if (count > 1) {
      text.append("; ").append(count).append(" alerts");
    }
    return text.toString();
  }

  private static String escaped(String text) {
    return Text.escape(Text.clean(text, Limits.HEADER));
  }

  /** Without details, which others wrote. */
  @Override
  public String toString() {
    return "AlertView[" + severity + " " + count + " since " + first + "]";
  }
}
