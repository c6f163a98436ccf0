package dev.vestibule.fake.slack;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What Slack takes, and stricter in one thing: markup in text has to be whole, and nothing may call
 * everybody in a channel, since nobody here ever means to.
 *
 * @see <a href="https://docs.slack.dev/reference/block-kit/blocks">Blocks</a>
 */
final class BlockRules {
  static final int TEXT = 40_000;
  private static final int BLOCKS = 50;
  private static final int ALL = 13_000;
  private static final int ID = 255;
  private static final Pattern CONTROL =
      Pattern.compile(
          "<(@[UW][A-Z0-9]+|#C[A-Z0-9]+|!subteam\\^S[A-Z0-9]+"
              + "|!date\\^\\d+\\^[^|<>^]+(\\^https?://[^|<>]+)?\\|[^<>|]+"
              + "|https?://[^<>|]+(\\|[^<>|]+)?)>");
  private static final Pattern ENTITY = Pattern.compile("&(amp|lt|gt);");

  private BlockRules() {}

  /**
   * @param blocks as they came
   */
  static void check(JsonNode blocks) throws SlackError {
    if (!blocks.isArray()) {
      throw new SlackError("invalid_blocks_format");
    }
    if (blocks.size() > BLOCKS) {
      throw wrong("blocks", "more than " + BLOCKS);
    }
    if (blocks.toString().length() > ALL) {
      throw new SlackError("msg_blocks_too_long");
    }
    Set<String> ids = new HashSet<>();
    for (int i = 0; i < blocks.size(); i++) {
      JsonNode block = blocks.get(i);
      String at = "/blocks/" + i;
      if (block.has("block_id") && !ids.add(id(block, "block_id", at))) {
        throw wrong(at + "/block_id", "is there twice");
      }
      block(block, at);
    }
  }

  private static void block(JsonNode block, String at) throws SlackError {
    switch (block.path("type").asText()) {
      case "header" -> {
        only(block, at, Set.of("type", "block_id", "text"));
        text(block.path("text"), at + "/text", 150, false);
      }
      case "section" -> {
        only(block, at, Set.of("type", "block_id", "text", "fields"));
        if (block.has("text")) {
          text(block.path("text"), at + "/text", 3000, true);
        }
        if (block.has("fields") || !block.has("text")) {
          each(block.path("fields"), at + "/fields", 10);
        }
      }
      case "context" -> {
        only(block, at, Set.of("type", "block_id", "elements"));
        each(block.path("elements"), at + "/elements", 10);
      }
      case "actions" -> {
        only(block, at, Set.of("type", "block_id", "elements"));
        count(block.path("elements"), at + "/elements", 25);
        Set<String> ids = new HashSet<>();
        for (JsonNode button : block.path("elements")) {
          if (!ids.add(button(button, at + "/elements"))) {
            throw wrong(at + "/elements", "two of one action_id");
          }
        }
      }
      case "divider" -> only(block, at, Set.of("type", "block_id"));
      default -> throw wrong(at + "/type", "unknown here");
    }
  }

  private static void each(JsonNode texts, String at, int most) throws SlackError {
    count(texts, at, most);
    for (JsonNode text : texts) {
      text(text, at, 2000, true);
    }
  }

  /** Its action id. */
  private static String button(JsonNode button, String at) throws SlackError {
    only(button, at, Set.of("type", "action_id", "text", "value", "url", "style", "confirm"));
    if (!button.path("type").asText().equals("button")) {
      throw wrong(at + "/type", "unknown here");
    }
    text(button.path("text"), at + "/text", 75, false);
    within(button, "value", at, 2000);
    within(button, "url", at, 3000);
    if (button.has("style")
        && !Set.of("primary", "danger").contains(button.path("style").asText())) {
      throw wrong(at + "/style", "primary or danger");
    }
    if (button.has("confirm")) {
      JsonNode confirm = button.path("confirm");
      only(confirm, at + "/confirm", Set.of("title", "text", "confirm", "deny", "style"));
      text(confirm.path("title"), at + "/confirm/title", 100, false);
      text(confirm.path("text"), at + "/confirm/text", 300, true);
      text(confirm.path("confirm"), at + "/confirm/confirm", 30, false);
      text(confirm.path("deny"), at + "/confirm/deny", 30, false);
    }
    return id(button, "action_id", at);
  }

  private static void text(JsonNode text, String at, int most, boolean markup) throws SlackError {
    String type = text.path("type").asText();
    boolean plain = type.equals("plain_text");
    if (!plain && !(markup && type.equals("mrkdwn"))) {
      throw wrong(at + "/type", "unknown here");
    }
    only(text, at, plain ? Set.of("type", "text", "emoji") : Set.of("type", "text", "verbatim"));
    String shown = text.path("text").asText();
    int length = shown.length();
    if (!text.path("text").isTextual() || length < 1 || length > most) {
      throw wrong(at + "/text", length + " characters; 1 to " + most);
    }
    if (!plain) {
      markup(shown, at + "/text");
    }
  }

  /** Text in which Slack looks for markup. */
  static void markup(String text, String at) throws SlackError {
    String rest = ENTITY.matcher(CONTROL.matcher(text).replaceAll("")).replaceAll("");
    Matcher stray = Pattern.compile("[<>&]").matcher(rest);
    if (stray.find()) {
      throw wrong(at, "unescaped " + stray.group());
    }
  }

  private static void count(JsonNode list, String at, int most) throws SlackError {
    if (!list.isArray() || list.isEmpty() || list.size() > most) {
      throw wrong(at, list.size() + " of them; 1 to " + most);
    }
  }

  private static String id(JsonNode node, String key, String at) throws SlackError {
    String id = node.path(key).asText();
    if (id.isEmpty() || id.length() > ID) {
      throw wrong(at + "/" + key, id.length() + " characters; 1 to " + ID);
    }
    return id;
  }

  private static void within(JsonNode node, String key, String at, int most) throws SlackError {
    if (node.path(key).asText().length() > most) {
      throw wrong(at + "/" + key, "more than " + most + " characters");
    }
  }

  private static void only(JsonNode node, String at, Set<String> known) throws SlackError {
    if (!node.isObject()) {
      throw wrong(at, "no object");
    }
    for (var each : node.properties()) {
      if (!known.contains(each.getKey())) {
        throw wrong(at, "has what is unknown here");
      }
    }
  }

  private static SlackError wrong(String at, String what) {
    return new SlackError("invalid_blocks", at + ": " + what);
  }
}
