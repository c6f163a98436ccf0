package dev.vestibule.fake.slack;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.vestibule.fake.slack.Channel.Post;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Channels, people, and what Slack's methods do with them. Not safe for several threads. */
final class Workspace {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();
  private static final Set<String> COMMON = Set.of("channel", "text", "blocks", "metadata");
  private static final Map<String, Set<String>> ARGUMENTS =
      Map.of(
          "auth.test", Set.of(),
          "chat.postMessage",
              with(
                  COMMON,
                  "parse",
                  "link_names",
                  "mrkdwn",
                  "unfurl_links",
                  "unfurl_media",
                  "thread_ts",
                  "reply_broadcast"),
          "chat.update", with(COMMON, "parse", "link_names", "ts"),
          "chat.delete", Set.of("channel", "ts"),
          "conversations.history",
              Set.of(
                  "channel",
                  "oldest",
                  "latest",
                  "inclusive",
                  "limit",
                  "cursor",
                  "include_all_metadata"),
          "conversations.open", Set.of("users"),
          "users.lookupByEmail", Set.of("email"),
          "users.info", Set.of("user"),
          "usergroups.users.list", Set.of("usergroup"));

  private final Map<String, Channel> channels = new LinkedHashMap<>();
  private final Map<String, FakeUser> users = new LinkedHashMap<>();
  private final Map<String, Set<String>> groups = new LinkedHashMap<>();
  private boolean editable = true;
  private Duration hidden = Duration.ZERO;
  private long last;

  private static Set<String> with(Set<String> common, String... more) {
    Set<String> all = new TreeSet<>(common);
    all.addAll(List.of(more));
    return all;
  }

  void add(Channel channel) {
    channels.put(channel.id(), channel);
  }

  void add(FakeUser user) {
    users.put(user.id(), user);
  }

  void group(String id, Set<String> members) {
    groups.put(id, Set.copyOf(members));
  }

  void editable(boolean editable) {
    this.editable = editable;
  }

  void hidden(Duration hidden) {
    this.hidden = hidden;
  }

  List<Channel> channels() {
    return List.copyOf(channels.values());
  }

  @Nullable FakeUser user(String id) {
    return users.get(id);
  }

  /**
   * A channel or, for a person, the direct message.
   *
   * @throws IllegalArgumentException when there is none
   */
  Channel channel(String id) {
    try {
      return find(id);
    } catch (SlackError e) {
      throw new IllegalArgumentException("no channel " + id + "; add it first", e);
    }
  }

  /** What somebody writes who is not us. */
  String write(Channel channel, boolean bot, String text, @Nullable JsonNode metadata, Instant at) {
    Post post = new Post(ts(at), null, bot, text, JSON.createArrayNode(), metadata);
    channel.add(post);
    return post.ts();
  }

  /** Unique, increasing, and the time of the message. */
  private String ts(Instant at) {
    last = Math.max(last + 1, Channel.micros(Channel.ts(at)));
    return Channel.ts(last);
  }

  /** Carries a method out. */
  ObjectNode call(String method, Map<String, String> form, Instant now) throws SlackError {
    Set<String> known = ARGUMENTS.get(method);
    if (known == null) {
      throw new SlackError("unknown_method");
    }
    for (String argument : form.keySet()) {
      if (!known.contains(argument)) {
        throw new SlackError("invalid_arg_name", argument);
      }
    }
    ObjectNode answer =
        switch (method) {
          case "auth.test" -> test();
          case "chat.postMessage" -> post(form, now);
          case "chat.update" -> update(form);
          case "chat.delete" -> delete(form);
          case "conversations.history" -> history(form, now);
          case "conversations.open" -> open(form);
          case "users.lookupByEmail" -> byEmail(form);
          case "users.info" -> info(form);
          default -> members(form);
        };
    return answer.put("ok", true);
  }

  private static ObjectNode test() {
    return JSON.createObjectNode()
        .put("url", "https://vestibule-demo.slack.com/")
        .put("team", "Vestibule demo")
        .put("team_id", FakeSlack.TEAM)
        .put("user", "vestibule")
        .put("user_id", FakeSlack.BOT_USER)
        .put("bot_id", FakeSlack.BOT);
  }

  private ObjectNode post(Map<String, String> form, Instant now) throws SlackError {
    Channel channel = find(form.getOrDefault("channel", ""));
    if (channel.isArchived()) {
      throw new SlackError("is_archived");
    }
    String parent = form.get("thread_ts");
    if (parent != null) {
      Post above = channel.post(ts(parent));
      if (above == null) {
        throw new SlackError("thread_not_found");
      }
      if (above.isReply()) {
        throw new SlackError("invalid_arguments", "thread_ts of a reply");
      }
    }
    JsonNode blocks = blocks(form);
    String text = text(form, blocks);
    JsonNode metadata = metadata(form);
    Post post =
        new Post(
            ts(now),
            parent,
            true,
            text,
            blocks == null ? JSON.createArrayNode() : blocks,
            metadata == null || metadata.isEmpty() ? null : metadata);
    channel.add(post);
    ObjectNode answer = JSON.createObjectNode().put("channel", channel.id()).put("ts", post.ts());
    answer.set("message", post.json(true));
    return answer;
  }

  private ObjectNode update(Map<String, String> form) throws SlackError {
    Channel channel = find(form.getOrDefault("channel", ""));
    Post post = ours(channel, form, "cant_update_message");
    if (!editable) {
      throw new SlackError("edit_window_closed");
    }
    JsonNode blocks = blocks(form);
    String text = text(form, blocks);
    post.change(text, blocks, metadata(form));
    ObjectNode answer =
        JSON.createObjectNode().put("channel", channel.id()).put("ts", post.ts()).put("text", text);
    answer.set("message", post.json(true));
    return answer;
  }

  private ObjectNode delete(Map<String, String> form) throws SlackError {
    Channel channel = find(form.getOrDefault("channel", ""));
    Post post = ours(channel, form, "cant_delete_message");
    channel.remove(post.ts());
    return JSON.createObjectNode().put("channel", channel.id()).put("ts", post.ts());
  }

  private static Post ours(Channel channel, Map<String, String> form, String otherwise)
      throws SlackError {
    if (channel.isArchived()) {
      throw new SlackError("is_archived");
    }
    Post post = channel.post(ts(form.getOrDefault("ts", "")));
    if (post == null) {
      throw new SlackError("message_not_found");
    }
    if (!post.isBots()) {
      throw new SlackError(otherwise);
    }
    return post;
  }

  private ObjectNode history(Map<String, String> form, Instant now) throws SlackError {
    Channel channel = find(form.getOrDefault("channel", ""));
    if (!channel.id().equals(form.get("channel"))) {
      throw new SlackError("channel_not_found", "a person; open the conversation first");
    }
    long oldest = Channel.micros(ts(form.getOrDefault("oldest", "0")));
    long latest = Channel.micros(ts(form.getOrDefault("latest", "999999999999")));
    if (!hidden.isZero()) {
      latest = Math.min(latest, Channel.micros(Channel.ts(now.minus(hidden))));
    }
    String cursor = form.get("cursor");
    if (cursor != null) {
      latest = Math.min(latest, Channel.micros(ts(cursor)) - 1);
    }
    int limit = limit(form.getOrDefault("limit", "100"));
    boolean metadata = form.getOrDefault("include_all_metadata", "false").equals("true");
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode page = answer.putArray("messages");
    String more = "";
    String end = "";
    for (Post post : channel.parents().reversed()) {
      long at = Channel.micros(post.ts());
      if (at > oldest && at <= latest) {
        if (page.size() == limit) {
          more = end;
          break;
        }
        page.add(post.json(metadata));
        end = post.ts();
      }
    }
    answer.put("has_more", !more.isEmpty());
    answer.putObject("response_metadata").put("next_cursor", more);
    return answer;
  }

  private ObjectNode open(Map<String, String> form) throws SlackError {
    String user = form.getOrDefault("users", "");
    if (!users.containsKey(user)) {
      throw new SlackError("user_not_found");
    }
    ObjectNode answer = JSON.createObjectNode();
    answer.putObject("channel").put("id", find(user).id());
    return answer;
  }

  private ObjectNode byEmail(Map<String, String> form) throws SlackError {
    String email = form.getOrDefault("email", "");
    for (FakeUser user : users.values()) {
      if (email.equalsIgnoreCase(user.email())) {
        return JSON.createObjectNode().set("user", json(user));
      }
    }
    throw new SlackError("users_not_found");
  }

  private ObjectNode info(Map<String, String> form) throws SlackError {
    FakeUser user = users.get(form.getOrDefault("user", ""));
    if (user == null) {
      throw new SlackError("user_not_found");
    }
    return JSON.createObjectNode().set("user", json(user));
  }

  private ObjectNode members(Map<String, String> form) throws SlackError {
    Set<String> members = groups.get(form.getOrDefault("usergroup", ""));
    if (members == null) {
      throw new SlackError("no_such_subteam");
    }
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode list = answer.putArray("users");
    members.stream().sorted().forEach(list::add);
    return answer;
  }

  private static ObjectNode json(FakeUser user) {
    FakeUser.Kind kind = user.kind();
    ObjectNode json =
        JsonNodeFactory.instance
            .objectNode()
            .put("id", user.id())
            .put("team_id", user.team())
            .put("name", user.name())
            .put("deleted", kind == FakeUser.Kind.DELETED)
            .put("is_bot", kind == FakeUser.Kind.BOT)
            .put(
                "is_restricted",
                kind == FakeUser.Kind.GUEST || kind == FakeUser.Kind.SINGLE_CHANNEL_GUEST)
            .put("is_ultra_restricted", kind == FakeUser.Kind.SINGLE_CHANNEL_GUEST);
    if (kind == FakeUser.Kind.STRANGER) {
      json.put("is_stranger", true);
    }
    return json;
  }

  private Channel find(String id) throws SlackError {
    FakeUser user = users.get(id);
    if (user != null) {
      return channels.computeIfAbsent(
          "D" + id.substring(1), direct -> new Channel(direct, user.name()));
    }
    Channel channel = channels.get(id);
    if (channel == null) {
      throw new SlackError("channel_not_found");
    }
    return channel;
  }

  private static @Nullable JsonNode blocks(Map<String, String> form) throws SlackError {
    String text = form.get("blocks");
    if (text == null) {
      return null;
    }
    JsonNode blocks = json(text, "invalid_blocks_format");
    BlockRules.check(blocks);
    return blocks;
  }

  private static String text(Map<String, String> form, @Nullable JsonNode blocks)
      throws SlackError {
    String text = form.getOrDefault("text", "");
    if (text.isEmpty() && (blocks == null || blocks.isEmpty())) {
      throw new SlackError("no_text");
    }
    if (text.length() > BlockRules.TEXT) {
      throw new SlackError("msg_too_long");
    }
    BlockRules.markup(text, "text");
    return text;
  }

  private static @Nullable JsonNode metadata(Map<String, String> form) throws SlackError {
    String text = form.get("metadata");
    if (text == null) {
      return null;
    }
    JsonNode metadata = json(text, "invalid_metadata_format");
    boolean whole =
        metadata.path("event_type").isTextual() && metadata.path("event_payload").isObject();
    if (!metadata.isObject() || !(whole || metadata.isEmpty())) {
      throw new SlackError("invalid_metadata_format");
    }
    return metadata;
  }

  private static JsonNode json(String text, String otherwise) throws SlackError {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new SlackError(otherwise);
    }
  }

  private static String ts(String text) throws SlackError {
    if (!text.matches("\\d{1,12}(\\.\\d{1,6})?")) {
      throw new SlackError("invalid_arguments", "no time");
    }
    return text;
  }

  private static int limit(String text) throws SlackError {
    if (!text.matches("[1-9]\\d{0,2}")) {
      throw new SlackError("invalid_limit");
    }
    return Integer.parseInt(text);
  }
}
