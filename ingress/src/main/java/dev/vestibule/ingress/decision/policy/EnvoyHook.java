package dev.vestibule.ingress.decision.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads Envoy's hook call into an {@link Input}. The body is an {@code entry_sign_in}'s, with or
 * without {@code meta}; the screening of an invite carries the invite instead.
 *
 * <p>Strict where the normalizer is lenient: what has another form than Envoy's makes the input
 * unreadable, because a name that is not found is a name that no watchlist is asked about.
 *
 * @see <a href="https://developers.envoy.com/hub/docs">Envoy's documentation</a>
 */
public final class EnvoyHook {
  /** Longest text that is read, in UTF-16 units: bounds what a single step of a policy costs. */
  static final int MAX_TEXT = 2000;

  static final int MAX_ANSWERS = 100;
  private static final int MAX_DEPTH = 200;

  /** Labels are free text of the customer; only unmistakable ones are understood. */
  private static final Set<String> PURPOSE_LABELS =
      Set.of(
          "purpose",
          "purpose of visit",
          "purpose of your visit",
          "visit purpose",
          "reason for visit",
          "reason for your visit");

  private static final Set<String> COMPANY_LABELS =
      Set.of("company", "company name", "your company", "organization", "organisation");

  private static final JsonMapper JSON = StrictJson.mapper(MAX_DEPTH);

  private final Input.Builder input = Input.builder();

  private EnvoyHook() {}

  /**
   * Reads a body; never throws.
   *
   * @param source name of the source it came through
   * @param now when it arrived; gives the local time at the site
   * @param highSecurity ids of the sites that are marked so
   */
  public static Input read(byte[] body, String source, Instant now, Set<String> highSecurity) {
    EnvoyHook hook = new EnvoyHook();
    hook.input.text(Fact.SOURCE_NAME, source);
    try {
      hook.readBody(JSON.readTree(body), now, highSecurity);
    } catch (IOException e) {
      hook.input.unreadable("body");
    } catch (RuntimeException | StackOverflowError e) { // whatever it was, nobody enters by it
      hook.input.unreadable("body");
    }
    return hook.input.build();
  }

  private void readBody(JsonNode body, Instant now, Set<String> highSecurity) {
    JsonNode meta = object(body, "meta", "meta");
    JsonNode payload = object(body, "payload", "payload");
    JsonNode attributes = object(payload, "attributes", "payload.attributes");
    JsonNode relationships = object(payload, "relationships", "payload.relationships");
    if (attributes.isMissingNode()) {
      input.unreadable("payload.attributes");
    }
    String type = text(payload, "type", "payload.type");
    boolean invite = "invites".equals(type);
    if (!invite && !"entries".equals(type)) {
      input.unreadable("payload.type");
    }
    visitor(payload, attributes);
    input.text(invite ? Fact.INVITE_ID : Fact.ENTRY_ID, id(payload, "id", "payload.id"));
    if (!invite) {
      input.text(Fact.INVITE_ID, related(relationships, "invite"));
    }
    input.text(Fact.HOST_ID, related(relationships, "employee"));
    host(attributes, invite ? "inviter-name" : "host", invite ? "inviter-email" : "host-email");
    answers(attributes.path("user-data"));
    site(meta, relationships, now, highSecurity);
  }

  private void visitor(JsonNode payload, JsonNode attributes) {
    attribute(Fact.VISITOR_NAME, attributes, "full-name");
    attribute(Fact.VISITOR_EMAIL, attributes, "email");
    attribute(Fact.VISITOR_PHONE, attributes, "phone-number");
    attribute(Fact.ENTRY_FLOW, attributes, "flow-name");
    input.text(Fact.VISITOR_ID, id(payload, "visitor-profile-id", "payload.visitor-profile-id"));
    JsonNode employee = attributes.path("employee-screening-flow");
    if (employee.isBoolean()) {
      input.flag(Fact.VISITOR_EMPLOYEE, employee.booleanValue());
    } else if (isPresent(employee)) {
      input.unreadable("payload.attributes.employee-screening-flow");
    }
  }

  private void host(JsonNode attributes, String name, String email) {
    attribute(Fact.HOST_NAME, attributes, name);
    attribute(Fact.HOST_EMAIL, attributes, email);
  }

  /** Answers to a question asked several times stand one per line. */
  private void answers(JsonNode userData) {
    String where = "payload.attributes.user-data";
    if ((isPresent(userData) && !userData.isArray()) || userData.size() > MAX_ANSWERS) {
      input.unreadable(where);
      return;
    }
    Map<String, String> answers = new LinkedHashMap<>();
    for (JsonNode item : userData) {
      String question = text(item, "field", where);
      String answer = text(item, "value", where);
      if (!item.isObject() || question == null) {
        input.unreadable(where);
      } else if (answer != null) {
        answers.merge(question, answer, (first, second) -> first + "\n" + second);
      }
    }
    if (answers.values().stream().anyMatch(answer -> answer.length() > MAX_TEXT)) {
      input.unreadable(where);
      return;
    }
    input.answers(Fact.ENTRY_ANSWERS, answers);
    input.text(Fact.ENTRY_PURPOSE, answer(answers, PURPOSE_LABELS));
    input.text(Fact.VISITOR_COMPANY, answer(answers, COMPANY_LABELS));
  }

  private static @Nullable String answer(Map<String, String> answers, Set<String> labels) {
    return answers.entrySet().stream()
        .filter(answer -> labels.contains(answer.getKey().toLowerCase(Locale.ROOT)))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(null);
  }

  private void site(JsonNode meta, JsonNode relationships, Instant now, Set<String> highSecurity) {
    JsonNode location = object(meta, "location", "meta.location");
    JsonNode attributes = object(location, "attributes", "meta.location.attributes");
    String id = id(location, "id", "meta.location.id");
    String related = related(relationships, "location");
    if (id != null && related != null && !id.equals(related)) {
      input.unreadable("meta.location.id");
    }
    String site = id == null ? related : id;
    input.text(Fact.SITE_ID, site);
    input.text(Fact.SITE_NAME, text(attributes, "name", "meta.location.attributes.name"));
    if (site != null) {
      input.flag(Fact.SITE_HIGH_SECURITY, highSecurity.contains(site));
    }
    String zone = text(attributes, "timezone", "meta.location.attributes.timezone");
    if (zone != null) {
      time(zone, now);
    }
  }

  private void time(String zone, Instant now) {
    try {
      ZonedDateTime local = now.atZone(ZoneId.of(zone));
      input
          .number(Fact.TIME_HOUR, local.getHour())
          .number(Fact.TIME_MINUTE, local.getMinute())
          .number(Fact.TIME_WEEKDAY, local.getDayOfWeek().getValue())
          .text(Fact.TIME_DATE, local.toLocalDate().toString());
    } catch (DateTimeException e) {
      input.unreadable("meta.location.attributes.timezone");
    }
  }

  private @Nullable String related(JsonNode relationships, String name) {
    String where = "payload.relationships." + name;
    return id(object(object(relationships, name, where), "data", where), "id", where);
  }

  private void attribute(Fact fact, JsonNode attributes, String name) {
    input.text(fact, text(attributes, name, "payload.attributes." + name));
  }

  /** Text without the blanks around it; null when it is absent or empty. */
  private @Nullable String text(JsonNode parent, String name, String where) {
    JsonNode node = parent.path(name);
    if (!isPresent(node)) {
      return null;
    }
    if (!node.isTextual() || node.textValue().length() > MAX_TEXT) {
      input.unreadable(where);
      return null;
    }
    String text = node.textValue().strip();
    return text.isEmpty() ? null : text;
  }

  /** Ids are texts or whole numbers. */
  private @Nullable String id(JsonNode parent, String name, String where) {
    JsonNode node = parent.path(name);
    return node.isIntegralNumber() ? node.asText() : text(parent, name, where);
  }

  /** An object, or nothing when it is absent. */
  private JsonNode object(JsonNode parent, String name, String where) {
    JsonNode node = parent.path(name);
    if (isPresent(node) && !node.isObject()) {
      input.unreadable(where);
    }
    return node.isObject() ? node : MissingNode.getInstance();
  }

  private static boolean isPresent(JsonNode node) {
    return !node.isMissingNode() && !node.isNull();
  }
}
