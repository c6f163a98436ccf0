package dev.vestibule.fake.slack;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * A Slack on this machine: one workspace with one app, reached as the real one is. Listens on the
 * loopback address alone; all of it is gone when it is closed. Safe for several threads.
 */
public final class FakeSlack implements AutoCloseable {
  /** The workspace. */
  public static final String TEAM = "T0VESTIBULE";

  /** The app whose token is taken. */
  public static final String APP = "A0VESTIBULE";

  static final String BOT = "B0VESTIBULE";
  static final String BOT_USER = "U0VESTIBULE";

  private static final String API = "/api/";
  private static final String ACTIONS = "/actions/";
  private static final int MOST_BYTES = 1 << 20;
  private static final int MOST_ANSWERS = 5;
  private static final Duration ANSWERED_WITHIN = Duration.ofMinutes(30);

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final String token;
  private final String signingSecret;
  private final InstantSource clock;

  private final Object lock = new Object();
  private final Workspace workspace = new Workspace();
  private final Map<String, Deque<Fault>> once = new HashMap<>();
  private final Map<String, Fault> always = new HashMap<>();
  private final List<Call> calls = new ArrayList<>();
  private final List<Told> told = new ArrayList<>();
  private final Map<String, Open> open = new HashMap<>();
  private @Nullable Paces paces;
  private boolean revoked;

  /**
   * What somebody who clicked was told, and nobody else.
   *
   * @param message as it came, JSON
   */
  public record Told(Instant at, String user, JsonNode message) {
    /** Leaves the message out. */
    @Override
    public String toString() {
      return "Told[" + at + " " + user + "]";
    }
  }

  /** A response address. */
  private record Open(String user, Instant since, int used) {}

  private FakeSlack(HttpServer server, String token, String signingSecret, InstantSource clock) {
    this.server = server;
    this.token = token;
    this.signingSecret = signingSecret;
    this.clock = clock;
    server.createContext("/", this::serve);
    server.setExecutor(threads);
    server.start();
  }

  /**
   * Listens on any free port, with no channel and nobody in it, and without limits.
   *
   * @param token that is taken as the app's
   * @param signingSecret with which clicks are signed
   */
  public static FakeSlack start(String token, String signingSecret, InstantSource clock)
      throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
    return new FakeSlack(server, token, signingSecret, clock);
  }

  /** Where the methods are; ends with a slash. */
  public URI url() {
    return page().resolve(API);
  }

  /** A page that shows the channels. */
  public URI page() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
  }

  // ---- what is there

  /**
   * @param id {@code C…}
   */
  public FakeSlack channel(String id, String name) {
    synchronized (lock) {
      workspace.add(new Channel(id, name));
      return this;
    }
  }

  public FakeSlack user(FakeUser user) {
    synchronized (lock) {
      workspace.add(user);
      return this;
    }
  }

  /** A member of the workspace. */
  public FakeSlack user(String id, String name, String email) {
    return user(new FakeUser(id, name, email, TEAM, FakeUser.Kind.MEMBER));
  }

  /**
   * @param id {@code S…}
   */
  public FakeSlack group(String id, Set<String> members) {
    synchronized (lock) {
      workspace.group(id, members);
      return this;
    }
  }

  // ---- what happens

  /** The next call of a method that has nothing else ahead of it has a mishap. */
  public FakeSlack next(String method, Fault fault) {
    synchronized (lock) {
      once.computeIfAbsent(method, _ -> new ArrayDeque<>()).add(fault);
      return this;
    }
  }

  /** Each call of a method has a mishap, or none any more. */
  public FakeSlack always(String method, @Nullable Fault fault) {
    synchronized (lock) {
      if (fault == null) {
        always.remove(method);
      } else {
        always.put(method, fault);
      }
      return this;
    }
  }

  /** Whether Slack's limits are kept; they begin anew. */
  public FakeSlack limits(boolean kept) {
    synchronized (lock) {
      paces = kept ? new Paces() : null;
      return this;
    }
  }

  /** Whether messages may be changed. */
  public FakeSlack editable(boolean editable) {
    synchronized (lock) {
      workspace.editable(editable);
      return this;
    }
  }

  /** How long a message is not in the history yet. */
  public FakeSlack hidden(Duration hidden) {
    synchronized (lock) {
      workspace.hidden(hidden);
      return this;
    }
  }

  /** Whether the token has been taken back. */
  public FakeSlack revoked(boolean revoked) {
    synchronized (lock) {
      this.revoked = revoked;
      return this;
    }
  }

  public FakeSlack archived(String channel, boolean archived) {
    synchronized (lock) {
      workspace.channel(channel).archive(archived);
      return this;
    }
  }

  /**
   * Somebody deletes a message.
   *
   * @throws IllegalArgumentException when it is not there
   */
  public void remove(String channel, String ts) {
    synchronized (lock) {
      if (!workspace.channel(channel).remove(ts)) {
        throw new IllegalArgumentException("no message " + ts + " in " + channel);
      }
    }
  }

  /**
   * Somebody else writes a message.
   *
   * @param metadata or null
   * @return its id
   */
  public String write(String channel, String text, @Nullable JsonNode metadata) {
    synchronized (lock) {
      return workspace.write(workspace.channel(channel), false, text, metadata, clock.instant());
    }
  }

  /**
   * What Slack sends when somebody clicks a button; to be posted by who calls this, now or later.
   *
   * @param channel of the message, or the person of a direct message
   * @param at when it is signed
   * @throws IllegalArgumentException when the message has no such button
   */
  public Click click(String channel, String ts, String actionId, String user, Instant at) {
    synchronized (lock) {
      Channel in = workspace.channel(channel);
      FakeMessage message =
          in.messages().stream().filter(each -> each.ts().equals(ts)).findAny().orElse(null);
      JsonNode button = message == null ? null : message.button(actionId);
      if (message == null || button == null) {
        throw new IllegalArgumentException(
            "no button " + actionId + " on message " + ts + " in " + channel);
      }
      FakeUser who =
          Objects.requireNonNullElseGet(
              workspace.user(user),
              () -> new FakeUser(user, user, null, TEAM, FakeUser.Kind.MEMBER));
      return signed(payload(in, message, button, who, at).toString(), at);
    }
  }

  private ObjectNode payload(
      Channel in, FakeMessage message, JsonNode button, FakeUser who, Instant at) {
    String path = ACTIONS + TEAM + "/" + (open.size() + 1) + "/answers";
    open.put(path, new Open(who.id(), at, 0));
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("type", "block_actions");
    json.putObject("user")
        .put("id", who.id())
        .put("username", who.name())
        .put("name", who.name())
        .put("team_id", who.team());
    json.put("api_app_id", APP).put("token", "verification-token-of-old");
    json.putObject("container")
        .put("type", "message")
        .put("message_ts", message.ts())
        .put("channel_id", in.id())
        .put("is_ephemeral", false);
    json.put("trigger_id", at.toEpochMilli() + ".1.vestibule");
    json.putObject("team").put("id", TEAM).put("domain", "vestibule-demo");
    json.putNull("enterprise").put("is_enterprise_install", false);
    json.putObject("channel").put("id", in.id()).put("name", in.name());
    ObjectNode shown = json.putObject("message");
    shown.put("type", "message").put("ts", message.ts()).put("text", message.text());
    shown.set("blocks", message.blocks());
    json.putObject("state").putObject("values");
    json.put("response_url", "https://hooks.slack.com" + path);
    ObjectNode action = json.putArray("actions").addObject();
    action.setAll((ObjectNode) button.deepCopy());
    action.put("block_id", "review").put("action_ts", Channel.ts(at));
    return json;
  }

  private Click signed(String payload, Instant at) {
    String body = "payload=" + URLEncoder.encode(payload, UTF_8);
    String timestamp = String.valueOf(at.getEpochSecond());
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(signingSecret.getBytes(UTF_8), "HmacSHA256"));
      mac.update(("v0:" + timestamp + ":").getBytes(US_ASCII));
      return new Click(
          body,
          Map.of(
              "Content-Type",
              "application/x-www-form-urlencoded",
              "X-Slack-Request-Timestamp",
              timestamp,
              "X-Slack-Signature",
              "v0=" + HexFormat.of().formatHex(mac.doFinal(body.getBytes(US_ASCII)))));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("HMAC-SHA-256 is not available", e);
    }
  }

  // ---- what can be seen

  /**
   * @param channel its id, or the person of a direct message
   * @return oldest first
   */
  public List<FakeMessage> messages(String channel) {
    synchronized (lock) {
      return workspace.channel(channel).messages();
    }
  }

  /** All messages of all channels. */
  public List<FakeMessage> messages() {
    synchronized (lock) {
      return workspace.channels().stream().flatMap(channel -> channel.messages().stream()).toList();
    }
  }

  /** All calls in order. */
  public List<Call> calls() {
    synchronized (lock) {
      return List.copyOf(calls);
    }
  }

  /** Calls of one method in order. */
  public List<Call> calls(String method) {
    return calls().stream().filter(call -> call.method().equals(method)).toList();
  }

  /** What people were told who clicked. */
  public List<Told> told() {
    synchronized (lock) {
      return List.copyOf(told);
    }
  }

  /** A channel for a terminal, one line or more a message. */
  public String text(String channel) {
    synchronized (lock) {
      return new Picture(workspace).text(workspace.channel(channel));
    }
  }

  /** All channels for a terminal. */
  public String text() {
    synchronized (lock) {
      return new Picture(workspace).text();
    }
  }

  /** All channels as one page that needs nothing else. */
  public String html() {
    synchronized (lock) {
      return new Picture(workspace).html();
    }
  }

  // ---- HTTP

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      switch (exchange.getRequestMethod()) {
        case "POST" -> {
          byte[] body = exchange.getRequestBody().readNBytes(MOST_BYTES + 1);
          if (body.length > MOST_BYTES) {
            send(exchange, 413, "text/plain", "");
          } else if (path.startsWith(API)) {
            method(exchange, path.substring(API.length()), body);
          } else {
            answer(exchange, path, body);
          }
        }
        case "GET" -> {
          exchange.getResponseHeaders().set("Refresh", "2");
          exchange.getResponseHeaders().set("Content-Security-Policy", Picture.POLICY);
          switch (path) {
            case "/" -> send(exchange, 200, "text/html; charset=utf-8", html());
            case "/channels.txt" -> send(exchange, 200, "text/plain; charset=utf-8", text());
            default -> send(exchange, 404, "text/plain", "");
          }
        }
        default -> send(exchange, 405, "text/plain", "");
      }
    }
  }

  private sealed interface Outcome {
    record Json(String result, ObjectNode json) implements Outcome {}

    record Limited(Duration after) implements Outcome {}

    record Mishap(Fault.Effect effect) implements Outcome {}
  }

  private void method(HttpExchange exchange, String method, byte[] body) throws IOException {
    Map<String, String> form = new LinkedHashMap<>();
    Outcome outcome;
    synchronized (lock) {
      Instant now = clock.instant();
      outcome = outcome(exchange, method, body, form, now);
      calls.add(new Call(now, method, form, word(outcome)));
    }
    switch (outcome) {
      case Outcome.Json(var _, ObjectNode json) -> json(exchange, 200, json);
      case Outcome.Limited(Duration after) -> limited(exchange, after);
      case Outcome.Mishap(Fault.Effect.Drop()) -> {}
      case Outcome.Mishap(Fault.Effect.Hang()) -> hang();
      case Outcome.Mishap(Fault.Effect.Answer(int status, String text)) ->
          send(exchange, status, "text/html", text);
      case Outcome.Mishap(Fault.Effect.Refusal(String code)) ->
          json(exchange, 200, refusal(new SlackError(code)));
      case Outcome.Mishap(Fault.Effect.Limited(Duration after)) -> limited(exchange, after);
    }
  }

  private static String word(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Json(String result, var _) -> result;
      case Outcome.Limited _, Outcome.Mishap(Fault.Effect.Limited _) -> "limited";
      case Outcome.Mishap(Fault.Effect.Drop _) -> "drop";
      case Outcome.Mishap(Fault.Effect.Hang _) -> "hang";
      case Outcome.Mishap(Fault.Effect.Answer(int status, var _)) -> String.valueOf(status);
      case Outcome.Mishap(Fault.Effect.Refusal(String code)) -> code;
    };
  }

  private Outcome outcome(
      HttpExchange exchange, String method, byte[] body, Map<String, String> form, Instant now) {
    try {
      read(body, form);
      authorize(exchange.getRequestHeaders().get("Authorization"));
      Deque<Fault> ahead = once.get(method);
      Fault fault = ahead == null || ahead.isEmpty() ? always.get(method) : ahead.remove();
      if (paces != null) {
        Duration wait = paces.count(method, form.getOrDefault("channel", ""), now);
        if (!wait.isZero()) {
          return new Outcome.Limited(wait);
        }
      }
      if (fault != null && !fault.done()) {
        return new Outcome.Mishap(fault.effect());
      }
      ObjectNode json = workspace.call(method, form, now);
      return fault == null ? new Outcome.Json("ok", json) : new Outcome.Mishap(fault.effect());
    } catch (SlackError e) {
      return new Outcome.Json(e.code(), refusal(e));
    }
  }

  private void authorize(@Nullable List<String> headers) throws SlackError {
    if (headers == null || headers.size() != 1) {
      throw new SlackError("not_authed");
    }
    if (!headers.getFirst().equals("Bearer " + token)) {
      throw new SlackError("invalid_auth");
    }
    if (revoked) {
      throw new SlackError("token_revoked");
    }
  }

  /** The parameters of a form, each once. */
  private static void read(byte[] body, Map<String, String> form) throws SlackError {
    for (String pair : new String(body, US_ASCII).split("&")) {
      int equals = pair.indexOf('=');
      if (pair.isEmpty()) {
        continue;
      }
      try {
        String key = URLDecoder.decode(equals < 0 ? pair : pair.substring(0, equals), UTF_8);
        String value = equals < 0 ? "" : URLDecoder.decode(pair.substring(equals + 1), UTF_8);
        if (form.put(key, value) != null) {
          throw new SlackError("invalid_arguments", key + " is there twice");
        }
      } catch (IllegalArgumentException e) {
        throw new SlackError("invalid_form_data");
      }
    }
  }

  private static ObjectNode refusal(SlackError error) {
    ObjectNode json =
        JsonNodeFactory.instance.objectNode().put("ok", false).put("error", error.code());
    if (!error.detail().isEmpty()) {
      json.putObject("response_metadata").putArray("messages").add("[ERROR] " + error.detail());
    }
    return json;
  }

  private void hang() {
    try {
      closed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** To who clicked: five times within half an hour. */
  private void answer(HttpExchange exchange, String path, byte[] body) throws IOException {
    int status;
    synchronized (lock) {
      Instant now = clock.instant();
      Open to = open.get(path);
      if (to == null
          || to.used() == MOST_ANSWERS
          || now.isAfter(to.since().plus(ANSWERED_WITHIN))) {
        status = 404;
      } else {
        status = note(path, to, body, now);
      }
    }
    send(exchange, status, "text/plain", status == 200 ? "ok" : "");
  }

  private int note(String path, Open to, byte[] body, Instant now) {
    try {
      JsonNode message = Picture.JSON.readTree(body);
      BlockRules.markup(message.path("text").asText(), "text");
      told.add(new Told(now, to.user(), message));
      open.put(path, new Open(to.user(), to.since(), to.used() + 1));
      return 200;
    } catch (IOException | SlackError e) {
      return 400;
    }
  }

  private static void limited(HttpExchange exchange, Duration after) throws IOException {
    exchange.getResponseHeaders().set("Retry-After", String.valueOf(after.toSeconds()));
    json(exchange, 429, refusal(new SlackError("ratelimited")));
  }

  private static void json(HttpExchange exchange, int status, ObjectNode json) throws IOException {
    send(exchange, status, "application/json; charset=utf-8", json.toString());
  }

  private static void send(HttpExchange exchange, int status, String type, String text)
      throws IOException {
    byte[] bytes = text.getBytes(UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    if (bytes.length > 0) {
      exchange.getResponseBody().write(bytes);
    }
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
