package dev.vestibule.sink.slack.card;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Looks at a message as Slack would, with rules of its own: shares nothing with what wrote it. Each
 * method throws an {@link AssertionError} that says what got out.
 */
final class RenderedMessage {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Pattern OURS =
      Pattern.compile(
          "[A-Za-z ,]+( <@[UW][A-Z0-9]+>)?"
              + " <!date\\^\\d+\\^\\{date_short_pretty} \\{time}\\|\\d{4}-\\d\\d-\\d\\d"
              + " \\d\\d:\\d\\d UTC>");
  private static final Pattern ENTITY = Pattern.compile("&(?!(amp|lt|gt);)");
  private static final Pattern ALIVE = Pattern.compile("[*_~`](?!\u200b)|[:@#/.](?![\u200b ,;]|$)");

  private static final Pattern TIME = Pattern.compile(" \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d UTC");
  private static final Pattern BEGINNING =
      Pattern.compile("Visit|Watch|Check|Screening|This|Critical|Warning|Good|\\d");
  private static final Pattern TYPED = Pattern.compile("^(Visitor:|Host:|Site:|visit) .*");

  /** The longest pile that a letter of any script needs is shorter. */
  private static final Pattern PILE = Pattern.compile("[\\p{Mn}\\p{Me}]{5}");

  private RenderedMessage() {}

  /**
   * Inspects everything that a reader could see.
   *
   * @return blocks and metadata without what somebody typed, to be compared with those of a
   *     harmless visitor: every text that is not ours is in a place where it may be
   */
  static JsonNode inspect(Map<String, String> form) {
    try {
      for (String value : form.values()) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        check(new String(bytes, StandardCharsets.UTF_8).equals(value), "changes when it is sent");
      }
      check("none".equals(form.get("parse")), "parse is not none");
      check("false".equals(form.get("link_names")), "names are linked");
      fallback(form.getOrDefault("text", ""));
      String sent = form.getOrDefault("blocks", "");
      JsonNode blocks = JSON.readTree(sent);
      check(blocks.size() <= 50, "more than 50 blocks");
      check(sent.length() <= 13_000, "more than 13,000 characters of blocks");
      for (JsonNode block : blocks) {
        if (block.get("type").textValue().equals("header")) {
          check(length(block.at("/text/text")) <= 150, "header too long");
        }
        check(block.path("fields").size() <= 10, "more than 10 fields");
      }
      walk(blocks);
      ObjectNode ours = JSON.createObjectNode();
      ours.set("blocks", blocks);
      ours.set("metadata", JSON.readTree(form.getOrDefault("metadata", "")));
      return ours;
    } catch (JacksonException e) {
      throw new AssertionError("no JSON", e);
    }
  }

  private static void walk(JsonNode node) {
    switch (node.path("type").asText()) {
      case "plain_text" -> plain((ObjectNode) node);
      case "mrkdwn" -> {
        check(node.get("verbatim").booleanValue(), "mrkdwn that is not verbatim");
        check(OURS.matcher(node.get("text").textValue()).matches(), "mrkdwn that is not ours");
      }
      default -> node.forEach(RenderedMessage::walk);
    }
  }

  private static void plain(ObjectNode node) {
    check(!node.get("emoji").booleanValue(), "emoji are read");
    String text = node.get("text").textValue();
    check(!text.isEmpty() && length(node.get("text")) <= 300, "empty or too long");
    line(text);
    check(text.indexOf('\u200b') < 0, "zero width in plain text");
    node.set("text", TextNode.valueOf(TYPED.matcher(text).replaceFirst("$1")));
  }

  private static void fallback(String text) {
    check(text.codePointCount(0, text.length()) <= 4000, "text too long");
    line(text.replace("\u200b", ""));
    check(BEGINNING.matcher(text).lookingAt(), "does not begin with our words");
    check(text.indexOf('<') < 0 && text.indexOf('>') < 0, "markup in the text");
    check(!ENTITY.matcher(text).find(), "an ampersand that is not escaped");
    check(
        !ALIVE.matcher(TIME.matcher(text).replaceAll("")).find(),
        "formatting, emoji or address in the text");
  }

  /** One line of characters that can be seen and keep their direction. */
  private static void line(String text) {
    check(!text.contains("  "), "blanks that push");
    check(!PILE.matcher(text).find(), "marks that reach the line above");
    text.codePoints()
        .forEach(c -> {
          check(c >= 0x20 && (c < 0x7f || c > 0x9f), "control character");
          check(c != 0x2028 && c != 0x2029, "second line");
          check(c < 0xd800 || c > 0xdfff, "half a character");
          check(c < 0x202a || c > 0x202e, "direction override");
          check(c < 0x2060 || c > 0x206f, "isolate or invisible operator");
          check(c < 0x200b || c > 0x200f, "zero width or direction mark");
          check(c != 0x61c && c != 0xfeff && c != 0xad && c != 0x34f, "invisible");
          check(c != 0x3164 && c != 0x115f && c != 0x1160 && c != 0xffa0, "filler");
          check(c < 0x2000 || c > 0x200a, "blank that is no space");
          check(c != 0xa0 && c != 0x1680 && c != 0x202f && c != 0x205f, "blank that is no space");
          check(c != 0x3000 && c != 0x2800, "blank that is no space");
          check(c < 0x180b || c > 0x180f, "Mongolian selector");
          check(c != 0x17b4 && c != 0x17b5, "invisible vowel");
          check(c < 0xfff0 || c > 0xfffb, "annotation or unassigned");
          check(c < 0x1bca0 || c > 0x1bca3, "shorthand control");
          check(c < 0x1d173 || c > 0x1d17a, "musical control");
          check((c & 0xfffe) != 0xfffe, "no character");
          check(c < 0xe000 || c > 0xf8ff, "private character");
          check(c < 0xe0000, "tag, selector or private character");
          check(c < 0xfe00 || c > 0xfe0f, "variation selector");
        });
  }

  private static int length(JsonNode text) {
    return text.textValue().codePointCount(0, text.textValue().length());
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
