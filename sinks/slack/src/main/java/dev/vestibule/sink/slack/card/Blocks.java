package dev.vestibule.sink.slack.card;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/**
 * The blocks of a message. Text goes through {@link Text} on its way out, whoever wrote it; mrkdwn
 * is only what has no other form: times and mentions of people by their checked id.
 */
final class Blocks {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final DateTimeFormatter UTC =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final ArrayNode blocks = JSON.arrayNode();

  Blocks header(String text) {
    add("header").set("text", plain(text, Limits.HEADER));
    return this;
  }

  Blocks section(JsonNode text) {
    add("section").set("text", text);
    return this;
  }

  Blocks fields(List<JsonNode> fields) {
    return listed("section", "fields", fields, Limits.FIELDS);
  }

  Blocks context(List<JsonNode> elements) {
    return listed("context", "elements", elements, Limits.CONTEXT);
  }

  Blocks actions(String blockId, List<JsonNode> elements) {
    listed("actions", "elements", elements, Limits.ACTIONS);
    ((ObjectNode) blocks.get(blocks.size() - 1)).put("block_id", id(blockId));
    return this;
  }

  /**
   * The blocks so far.
   *
   * @throws IllegalStateException when Slack would refuse so many
   */
  ArrayNode done() {
    int size = blocks.toString().length();
    if (blocks.size() > Limits.BLOCKS || size > Limits.ALL_BLOCKS) {
      throw new IllegalStateException(
          blocks.size() + " blocks of " + size + " characters are more than Slack takes");
    }
    return blocks;
  }

  private Blocks listed(String type, String key, List<JsonNode> elements, int most) {
    if (elements.isEmpty() || elements.size() > most) {
      throw new IllegalArgumentException(
          type + " with " + elements.size() + " " + key + "; expected 1 to " + most);
    }
    add(type).set(key, JSON.arrayNode().addAll(elements));
    return this;
  }

  private ObjectNode add(String type) {
    return blocks.addObject().put("type", type);
  }

  /** Text in which nothing is interpreted. */
  static ObjectNode plain(String text, int max) {
    return JSON.objectNode()
        .put("type", "plain_text")
        .put("emoji", false)
        .put("text", Text.clean(text, max));
  }

  /** One field of a section: what it is, and what somebody says it is. */
  static ObjectNode field(String label, String value) {
    return plain(label + ": " + value, Limits.FIELD);
  }

  /** Words of ours and a time, which every reader sees in his own time zone. */
  static ObjectNode time(String words, Instant at) {
    return mrkdwn(Text.escape(Text.clean(words, Limits.BUTTON)) + " " + date(at));
  }

  /** Words of ours, a person who will be notified, and a time. */
  static ObjectNode mention(String words, String userId, Instant at) {
    return mrkdwn(
        Text.escape(Text.clean(words, Limits.BUTTON))
            + " <@"
            + SlackIds.user(userId)
            + "> "
            + date(at));
  }

  static ObjectNode button(String actionId, String style, String text, String value) {
    ObjectNode button =
        JSON.objectNode().put("type", "button").put("action_id", id(actionId)).put("style", style);
    button.put("value", within(value, Limits.VALUE));
    button.set("text", plain(text, Limits.BUTTON));
    return button;
  }

  static ObjectNode link(String actionId, String text, URI url) {
    if (!"https".equals(url.getScheme()) || url.getHost() == null) {
      throw new IllegalArgumentException("a link must be https with a host");
    }
    ObjectNode button = JSON.objectNode().put("type", "button").put("action_id", id(actionId));
    button.put("url", within(url.toASCIIString(), Limits.URL));
    button.set("text", plain(text, Limits.BUTTON));
    return button;
  }

  static ObjectNode confirm(String title, String text, String yes) {
    ObjectNode confirm = JSON.objectNode();
    confirm.set("title", plain(title, Limits.CONFIRM_TITLE));
    confirm.set("text", plain(text, Limits.CONFIRM_TEXT));
    confirm.set("confirm", plain(yes, Limits.CONFIRM_BUTTON));
    confirm.set("deny", plain("Back", Limits.CONFIRM_BUTTON));
    return confirm;
  }

  static String utc(Instant at) {
    return UTC.format(at);
  }

  private static String date(Instant at) {
    return "<!date^" + at.getEpochSecond() + "^{date_short_pretty} {time}|" + utc(at) + ">";
  }

  private static ObjectNode mrkdwn(String text) {
    return JSON.objectNode().put("type", "mrkdwn").put("verbatim", true).put("text", text);
  }

  private static String id(String id) {
    return within(id, Limits.ID);
  }

  private static String within(String text, int max) {
    if (text.isEmpty() || text.length() > max) {
      throw new IllegalArgumentException(
          "a value of " + text.length() + " characters; expected 1 to " + max);
    }
    return text;
  }
}
