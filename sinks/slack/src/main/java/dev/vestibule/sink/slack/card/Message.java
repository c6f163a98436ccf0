package dev.vestibule.sink.slack.card;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A message as Slack's methods take it: form parameters, of which blocks and metadata are JSON. The
 * switches that keep Slack from finding links and names in text are in every one of them, since
 * {@code chat.update} has other defaults than {@code chat.postMessage}.
 *
 * @param text what notifications and screen readers say; escaped
 * @param blocks what is seen; empty to send the text alone
 * @param metadata what finds the message again: ids only, everybody in the channel can read it
 */
public record Message(String text, ArrayNode blocks, ObjectNode metadata) {
  public Message {
    if (text.isEmpty() || text.length() > Limits.TEXT) {
      throw new IllegalArgumentException(
          "a text of " + text.length() + " characters; expected 1 to " + Limits.TEXT);
    }
  }

  /**
   * Any text as text of a message: one line that shows exactly it, at most {@link Limits#SECTION}.
   */
  public static String escaped(String text) {
    return Text.escape(Text.clean(text, Limits.SECTION));
  }

  /** For {@code chat.postMessage}. */
  public Map<String, String> post(String channel) {
    Map<String, String> form = form(channel);
    form.put("mrkdwn", "false");
    form.put("unfurl_links", "false");
    form.put("unfurl_media", "false");
    return form;
  }

  /** For {@code chat.postMessage} below another message. */
  public Map<String, String> reply(String channel, String parentTs) {
    Map<String, String> form = post(channel);
    form.put("thread_ts", parentTs);
    form.put("reply_broadcast", "false");
    return form;
  }

  /** For {@code chat.update}. */
  public Map<String, String> update(String channel, String ts) {
    Map<String, String> form = form(channel);
    form.put("ts", ts);
    return form;
  }

  /** The text alone, for when Slack does not take the blocks. */
  public Message withoutBlocks() {
    return new Message(text, blocks.arrayNode(), metadata);
  }

  /** Hash of what is seen: messages of one hash look the same. */
  public String look() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(text.getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0);
      digest.update(blocks.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest.digest(), 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 is not available", e);
    }
  }

  private Map<String, String> form(String channel) {
    Map<String, String> form = new LinkedHashMap<>();
    form.put("channel", channel);
    form.put("text", text);
    form.put("blocks", blocks.toString());
    form.put("metadata", metadata.toString());
    form.put("parse", "none");
    form.put("link_names", "false");
    return form;
  }

  /** Messages name people, so they do not print. */
  @Override
  public String toString() {
    return "Message[" + look() + "]";
  }
}
