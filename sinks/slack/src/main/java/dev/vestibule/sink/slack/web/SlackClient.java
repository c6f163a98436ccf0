package dev.vestibule.sink.slack.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.vestibule.config.HttpAddress;
import dev.vestibule.config.Secret;
import dev.vestibule.sink.slack.card.Message;
import dev.vestibule.sink.slack.card.SlackIds;
import dev.vestibule.sink.slack.click.Question;
import dev.vestibule.sink.slack.message.Move;
import dev.vestibule.sink.slack.message.Reply;
import dev.vestibule.sink.slack.web.Wire.Answer;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Slack's Web API. */
public final class SlackClient implements SlackApi {
  /** Where Slack is. */
  public static final URI SLACK = URI.create("https://slack.com/api/");

  /** How long a call may take. */
  public static final Duration TIMEOUT = Duration.ofSeconds(10);

  private static final Logger LOG = LoggerFactory.getLogger(SlackClient.class);

  /** Where channels hold so many messages since, one more is the lesser evil. */
  private static final int MOST_PAGES = 25;

  private static final String PAGE = "200";

  /** The channel cannot be read, although perhaps written to. */
  private static final Set<String> NO_HISTORY =
      Set.of("missing_scope", "not_in_channel", "method_not_supported_for_channel_type");

  private static final Set<String> NOBODY =
      Set.of("users_not_found", "user_not_found", "user_not_visible");
  private static final Set<String> NO_GROUP = Set.of("no_such_subteam", "subteam_not_found");

  private final URI api;
  private final Wire wire;
  private final AtomicBoolean warned = new AtomicBoolean();
  private volatile @Nullable Self self;

  /** Who writes with our token. */
  private record Self(String team, String user, String bot) {
    /** Whether a message of the history is ours. */
    boolean wrote(JsonNode message) {
      return (!bot.isEmpty() && message.path("bot_id").asText().equals(bot))
          || message.path("user").asText().equals(user);
    }
  }

  /**
   * @param api where the methods are, usually {@link #SLACK}: https, or http on this machine
   * @param token of the app
   * @param timeout of a call, usually {@link #TIMEOUT}
   * @throws IllegalArgumentException when one of them cannot be used
   */
  public SlackClient(URI api, Secret token, Duration timeout) {
    this.api = checked(api);
    this.wire = new Wire(this.api, token, timeout);
  }

  private static URI checked(URI api) {
    boolean usable =
        api.getHost() != null
            && api.getRawUserInfo() == null
            && api.getRawQuery() == null
            && api.getRawFragment() == null
            && ("https".equals(api.getScheme())
                || ("http".equals(api.getScheme()) && HttpAddress.isLoopback(api.getHost())));
    if (!usable) {
      throw new IllegalArgumentException(
          "api-url: expected an https address like " + SLACK + ", or http on this machine");
    }
    return api.getRawPath().endsWith("/") ? api : URI.create(api + "/");
  }

  // ---- messages

  @Override
  public Reply carryOut(Move move, String channel) {
    return switch (move) {
      case Move.Post(Message message, var _) ->
          written("chat.postMessage", message.post(channel), false);
      case Move.Reply(String in, String parent, Message message, var _, var _) ->
          written("chat.postMessage", message.reply(in, parent), false);
      case Move.Update(String in, String ts, Message message, var _) ->
          written("chat.update", message.update(in, ts), true);
      case Move.Delete(String in, String ts) ->
          written("chat.delete", form("channel", in, "ts", ts), true);
      case Move.Find(String key, Instant oldest) -> find(key, oldest, channel);
      case Move.Rest _ -> throw new IllegalArgumentException("rest is no call");
    };
  }

  private Reply written(String method, Map<String, String> form, boolean repeatable) {
    return switch (wire.call(method, form)) {
      case Answer.Good(JsonNode body) -> {
        String channel = body.path("channel").asText();
        String ts = body.path("ts").asText();
        yield SlackIds.isChannel(channel) && SlackIds.isTs(ts)
            ? new Reply.Done(channel, ts)
            : ErrorCodes.meaning(ErrorCodes.UNREADABLE, null, repeatable);
      }
      case Answer.Bad bad -> failed(bad, repeatable);
    };
  }

  // ---- the history

  private Reply find(String key, Instant oldest, String channel) {
    return switch (self()) {
      case Lookup.Known<Self>(Self known) -> find(key, oldest, channel, known);
      case Lookup.Unknown<Self> _ -> new Reply.NotFound();
      case Lookup.Failed<Self>(Reply.Failed why) -> why;
    };
  }

  private Reply find(String key, Instant oldest, String channel, Self us) {
    String conversation = channel;
    if (SlackIds.isUser(channel)) {
      Answer opened = wire.call("conversations.open", form("users", channel));
      if (opened instanceof Answer.Bad bad) {
        return unread(bad);
      }
      conversation = ((Answer.Good) opened).body().at("/channel/id").asText();
      if (!SlackIds.isChannel(conversation)) {
        return ErrorCodes.meaning(ErrorCodes.UNREADABLE, null, true);
      }
    }
    Map<String, String> form =
        form("channel", conversation, "oldest", seconds(oldest), "limit", PAGE);
    form.put("include_all_metadata", "true");
    for (int page = 0; page < MOST_PAGES; page++) {
      switch (wire.call("conversations.history", form)) {
        case Answer.Bad bad -> {
          return unread(bad);
        }
        case Answer.Good(JsonNode body) -> {
          Reply found = found(body.path("messages"), key, conversation, us);
          String more = body.at("/response_metadata/next_cursor").asText();
          if (found != null) {
            return found;
          }
          if (more.isEmpty()) {
            return new Reply.NotFound();
          }
          form.put("cursor", more);
        }
      }
    }
    warn("history_too_long");
    return new Reply.NotFound();
  }

  /** The oldest message with our key, so that of two the same is found each time; or null. */
  private static Reply.@Nullable Found found(
      JsonNode messages, String key, String channel, Self us) {
    Reply.Found found = null;
    for (JsonNode message : messages) {
      JsonNode payload = message.at("/metadata/event_payload");
      String ts = message.path("ts").asText();
      boolean ours =
          payload.path("key").asText().equals(key) && SlackIds.isTs(ts) && us.wrote(message);
      if (ours) {
        found = new Reply.Found(channel, ts, payload.path("seq").asLong());
      }
    }
    return found;
  }

  /**
   * Where the history must not be read, what may have been posted counts as not posted: a rare
   * second message instead of none.
   */
  private Reply unread(Answer.Bad bad) {
    if (!NO_HISTORY.contains(bad.code())) {
      return failed(bad, true);
    }
    warn(bad.code());
    return new Reply.NotFound();
  }

  private void warn(String code) {
    if (warned.compareAndSet(false, true)) {
      LOG.atWarn()
          .addKeyValue("reason", code)
          .log(
              "cannot look for messages in Slack, so one may be posted twice after a failure;"
                  + " grant channels:history, groups:history, im:history and im:write, and invite"
                  + " the app to its channels");
    }
  }

  private Lookup<Self> self() {
    Self known = self;
    if (known != null) {
      return new Lookup.Known<>(known);
    }
    return switch (wire.call("auth.test", Map.of())) {
      case Answer.Good(JsonNode body) -> {
        String team = body.path("team_id").asText();
        String user = body.path("user_id").asText();
        if (team.isEmpty() || !SlackIds.isUser(user)) {
          yield unreadable();
        }
        Self learned = new Self(team, user, body.path("bot_id").asText());
        self = learned;
        yield new Lookup.Known<>(learned);
      }
      case Answer.Bad bad -> new Lookup.Failed<>(failed(bad, true));
    };
  }

  // ---- people

  @Override
  public Lookup<String> team() {
    self = null;
    return switch (self()) {
      case Lookup.Known<Self>(Self known) -> new Lookup.Known<>(known.team());
      case Lookup.Unknown<Self> _ -> new Lookup.Unknown<>();
      case Lookup.Failed<Self>(Reply.Failed why) -> new Lookup.Failed<>(why);
    };
  }

  @Override
  public Lookup<String> userByEmail(String email) {
    return switch (wire.call("users.lookupByEmail", form("email", email))) {
      case Answer.Good(JsonNode body) -> {
        JsonNode user = body.path("user");
        String id = user.path("id").asText();
        if (!SlackIds.isUser(id)) {
          yield unreadable();
        }
        yield gone(user) || user.path("is_stranger").asBoolean()
            ? new Lookup.Unknown<>()
            : new Lookup.Known<>(id);
      }
      case Answer.Bad bad -> absent(bad, NOBODY);
    };
  }

  @Override
  public Lookup<Question.Clicker> clicker(String user) {
    Lookup<Self> us = self();
    if (us instanceof Lookup.Failed<Self>(Reply.Failed why)) {
      return new Lookup.Failed<>(why);
    }
    return switch (wire.call("users.info", form("user", user))) {
      case Answer.Good(JsonNode body) -> {
        JsonNode person = body.path("user");
        // What is not said is not assumed: a field that fails to come makes a guest.
        boolean member =
            person.path("id").asText().equals(user)
                && !gone(person)
                && is(person, "is_restricted", false)
                && is(person, "is_ultra_restricted", false)
                && !person.path("is_stranger").asBoolean()
                && us instanceof Lookup.Known<Self>(Self known)
                && belongs(person, known.team());
        yield new Lookup.Known<>(new Question.Clicker(!member, Set.of()));
      }
      case Answer.Bad bad -> absent(bad, NOBODY);
    };
  }

  private static boolean is(JsonNode person, String flag, boolean value) {
    return person.path(flag).isBoolean() && person.path(flag).booleanValue() == value;
  }

  private static boolean gone(JsonNode user) {
    return user.path("deleted").asBoolean() || user.path("is_bot").asBoolean();
  }

  /** In an organization of several workspaces a person may be at home in another one. */
  private static boolean belongs(JsonNode user, String team) {
    if (user.path("team_id").asText().equals(team)) {
      return true;
    }
    for (JsonNode other : user.at("/enterprise_user/teams")) {
      if (other.asText().equals(team)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public Lookup<Set<String>> members(String userGroup) {
    return switch (wire.call("usergroups.users.list", form("usergroup", userGroup))) {
      case Answer.Good(JsonNode body) -> {
        if (!body.path("users").isArray()) {
          yield unreadable();
        }
        Set<String> members = new HashSet<>();
        body.path("users").forEach(user -> members.add(user.asText()));
        yield new Lookup.Known<>(Set.copyOf(members));
      }
      case Answer.Bad bad -> absent(bad, NO_GROUP);
    };
  }

  // ---- who clicked

  @Override
  public void tell(URI responseUrl, String text) {
    boolean slacks =
        "https".equals(responseUrl.getScheme())
            && "hooks.slack.com".equals(responseUrl.getRawAuthority());
    URI url = slacks ? reachable(responseUrl) : null;
    if (url == null) {
      LOG.atWarn().log("an answer to a click was not sent: its address is not Slack's");
      return;
    }
    String json =
        JsonNodeFactory.instance
            .objectNode()
            .put("response_type", "ephemeral")
            .put("replace_original", false)
            .put("mrkdwn", false)
            .put("text", Message.escaped(text))
            .toString();
    if (!wire.post(url, json)) {
      LOG.atInfo().log("an answer to a click did not arrive");
    }
  }

  private URI reachable(URI responseUrl) {
    return HttpAddress.isLoopback(Objects.requireNonNull(api.getHost()))
        ? api.resolve(responseUrl.getRawPath())
        : responseUrl;
  }

  // ---- forms and failures

  private static Reply.Failed failed(Answer.Bad bad, boolean repeatable) {
    return ErrorCodes.meaning(bad.code(), bad.after(), repeatable);
  }

  private static <T> Lookup<T> absent(Answer.Bad bad, Set<String> codes) {
    return codes.contains(bad.code())
        ? new Lookup.Unknown<>()
        : new Lookup.Failed<>(failed(bad, true));
  }

  private static <T> Lookup<T> unreadable() {
    return new Lookup.Failed<>(ErrorCodes.meaning(ErrorCodes.UNREADABLE, null, true));
  }

  private static Map<String, String> form(String... pairs) {
    Map<String, String> form = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      form.put(pairs[i], pairs[i + 1]);
    }
    return form;
  }

  private static String seconds(Instant at) {
    return String.format(Locale.ROOT, "%d.%06d", at.getEpochSecond(), at.getNano() / 1000);
  }

  @Override
  public void close() {
    wire.close();
  }
}
