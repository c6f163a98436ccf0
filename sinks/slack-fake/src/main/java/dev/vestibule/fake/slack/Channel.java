package dev.vestibule.fake.slack;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A channel or a direct message, and what is in it. */
final class Channel {
  private final String id;
  private final String name;
  private final Map<String, Post> posts = new TreeMap<>(Channel::compare);
  private boolean archived;

  Channel(String id, String name) {
    this.id = id;
    this.name = name;
  }

  /** A message. What can change is not final. */
  static final class Post {
    private final String ts;
    private final @Nullable String parent;
    private final boolean bot;
    private String text;
    private JsonNode blocks;
    private @Nullable JsonNode metadata;
    private int edits;

    Post(
        String ts,
        @Nullable String parent,
        boolean bot,
        String text,
        JsonNode blocks,
        @Nullable JsonNode metadata) {
      this.ts = ts;
      this.parent = parent;
      this.bot = bot;
      this.text = text;
      this.blocks = blocks;
      this.metadata = metadata;
    }

    String ts() {
      return ts;
    }

    boolean isBots() {
      return bot;
    }

    boolean isReply() {
      return parent != null;
    }

    void change(String text, @Nullable JsonNode blocks, @Nullable JsonNode metadata) {
      this.text = text;
      if (blocks != null) {
        this.blocks = blocks;
      }
      if (metadata != null) {
        this.metadata = metadata.isEmpty() ? null : metadata;
      }
      edits++;
    }

    /** As Slack's methods give it. */
    ObjectNode json(boolean withMetadata) {
      ObjectNode json = JsonNodeFactory.instance.objectNode();
      json.put("type", "message").put("ts", ts).put("text", text);
      if (bot) {
        json.put("subtype", "bot_message")
            .put("bot_id", FakeSlack.BOT)
            .put("app_id", FakeSlack.APP);
        json.put("user", FakeSlack.BOT_USER);
      }
      json.set("blocks", blocks);
      if (parent != null) {
        json.put("thread_ts", parent);
      }
      if (edits > 0) {
        json.putObject("edited").put("user", FakeSlack.BOT_USER).put("ts", ts);
      }
      JsonNode data = metadata;
      if (withMetadata && data != null) {
        json.set("metadata", data);
      }
      return json;
    }
  }

  String id() {
    return id;
  }

  String name() {
    return name;
  }

  boolean isArchived() {
    return archived;
  }

  void archive(boolean archived) {
    this.archived = archived;
  }

  void add(Post post) {
    posts.put(post.ts(), post);
  }

  @Nullable Post post(String ts) {
    return posts.get(ts);
  }

  boolean remove(String ts) {
    return posts.remove(ts) != null;
  }

  /** Those that are no replies, oldest first. */
  List<Post> parents() {
    return posts.values().stream().filter(post -> !post.isReply()).toList();
  }

  List<FakeMessage> messages() {
    return parents().stream().map(this::view).toList();
  }

  private FakeMessage view(Post post) {
    List<FakeMessage> replies = new ArrayList<>();
    for (Post other : posts.values()) {
      if (post.ts.equals(other.parent)) {
        replies.add(view(other));
      }
    }
    return new FakeMessage(
        post.ts, post.text, post.blocks, post.metadata, post.edits, post.bot, replies);
  }

  /** Seconds, then fractions. */
  static int compare(String a, String b) {
    return Long.compare(micros(a), micros(b));
  }

  /** A time as Slack writes it, by microseconds since 1970. */
  static String ts(long micros) {
    return String.format(Locale.ROOT, "%d.%06d", micros / 1_000_000, micros % 1_000_000);
  }

  static String ts(Instant at) {
    return ts(at.getEpochSecond() * 1_000_000 + at.getNano() / 1000);
  }

  /** Of a time as Slack writes it: seconds, a point, and up to six digits. */
  static long micros(String ts) {
    int point = ts.indexOf('.');
    String seconds = point < 0 ? ts : ts.substring(0, point);
    String fraction = (point < 0 ? "" : ts.substring(point + 1)) + "000000";
    return Long.parseLong(seconds) * 1_000_000 + Long.parseLong(fraction.substring(0, 6));
  }
}
