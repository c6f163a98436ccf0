package dev.vestibule.ingress.decision.envoy;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.vestibule.config.PluginConfig;
import dev.vestibule.config.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The part of Envoy's plugin API that registrations need: tokens for who has the credentials, in
 * header and body; purposes for who has a token that has not expired. Can be in trouble.
 */
public final class FakeEnvoy implements AutoCloseable {
  public static final String CLIENT_ID = "5a0c1b9e-0000-4000-8000-000000000001";
  public static final Duration TOKEN_LIFE = Duration.ofHours(12);

  private static final Pattern PURPOSE =
      Pattern.compile("/api/v2/plugin-services/installs/([^/]+)/purpose");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final InstantSource clock;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Queue<Trouble> tokenTroubles = new ConcurrentLinkedQueue<>();
  private final Queue<Trouble> purposeTroubles = new ConcurrentLinkedQueue<>();
  private final Map<String, Instant> tokens = new ConcurrentHashMap<>();
  private final Map<String, String> purposes = new ConcurrentHashMap<>();
  private final List<String> issued = new CopyOnWriteArrayList<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private volatile String secret;
  private volatile @Nullable CountDownLatch gate;

  /** What happens to one request instead of an answer in order. */
  public sealed interface Trouble {
    /** Another status, and perhaps a {@code Retry-After} or a {@code Location}. */
    record Status(int status, @Nullable String header, @Nullable String value) implements Trouble {
      public Status(int status) {
        this(status, null, null);
      }
    }

    /** A 200 with this body. */
    record Says(String body) implements Trouble {}

    /** No answer until the end. */
    record Hangs() implements Trouble {}

    /** The connection is closed without an answer. */
    record HangsUp() implements Trouble {}
  }

  /**
   * Starts on any free port.
   *
   * @param clock decides when a token has expired
   */
  public FakeEnvoy(String secret, InstantSource clock) {
    this.secret = secret;
    this.clock = clock;
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 200);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  /** What the app has to be configured with. */
  public PluginConfig plugin() {
    return PluginConfig.of(CLIENT_ID, new Secret(secret), url());
  }

  public URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** Another client secret is right from now on. */
  public void rotate(String newSecret) {
    secret = newSecret;
  }

  /** The next requests for a token run into these, one each. */
  public void troubleTokens(Trouble... troubles) {
    tokenTroubles.addAll(List.of(troubles));
  }

  /** The next registrations run into these, one each. */
  public void troublePurposes(Trouble... troubles) {
    purposeTroubles.addAll(List.of(troubles));
  }

  /** Nobody's token is good any more. */
  public void revoke() {
    tokens.clear();
  }

  /** Requests for tokens wait until the gate is opened. */
  CountDownLatch holdTokens() {
    CountDownLatch held = new CountDownLatch(1);
    gate = held;
    return held;
  }

  /** Installation to purpose. */
  public Map<String, String> purposes() {
    return Map.copyOf(purposes);
  }

  /** Everything that must stay secret, of what was handed out. */
  public List<String> issued() {
    return List.copyOf(issued);
  }

  /** Method and path of what came in. */
  public List<String> requests() {
    return List.copyOf(requests);
  }

  long tokenRequests() {
    return requests.stream().filter(request -> request.equals("POST /a/auth/v0/token")).count();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getRawPath();
      byte[] body = exchange.getRequestBody().readAllBytes();
      requests.add(exchange.getRequestMethod() + " " + path);
      Matcher purpose = PURPOSE.matcher(path);
      if (path.equals("/a/auth/v0/token")) {
        CountDownLatch held = gate;
        if (held != null) {
          held.await();
        }
        if (!inTrouble(exchange, tokenTroubles.poll())) {
          token(exchange, body);
        }
      } else if (purpose.matches()) {
        if (!inTrouble(exchange, purposeTroubles.poll())) {
          purpose(exchange, purpose.group(1), body);
        }
      } else {
        answer(exchange, 404, "{}");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean inTrouble(HttpExchange exchange, @Nullable Trouble trouble)
      throws IOException, InterruptedException {
    switch (trouble) {
      case null -> {
        return false;
      }
      case Trouble.Status(int status, @Nullable String header, @Nullable String value) -> {
        if (header != null && value != null) {
          exchange.getResponseHeaders().set(header, value);
        }
        answer(exchange, status, "{\"message\":\"in trouble\"}");
      }
      case Trouble.Says(String body) -> answer(exchange, 200, body);
      case Trouble.Hangs() -> closed.await();
      case Trouble.HangsUp() -> {
        // Closing without an answer ends the connection.
      }
    }
    return true;
  }

  private void token(HttpExchange exchange, byte[] body) throws IOException {
    String basic =
        "Basic " + Base64.getEncoder().encodeToString((CLIENT_ID + ":" + secret).getBytes(UTF_8));
    if (!exchange.getRequestMethod().equals("POST")
        || !says(exchange, "Content-Type", "application/json")) {
      answer(exchange, 415, "{}");
      return;
    }
    JsonNode asked = JSON.readTree(body);
    if (!says(exchange, "Authorization", basic)
        || !asked.path("client_id").asText().equals(CLIENT_ID)
        || !asked.path("client_secret").asText().equals(secret)) {
      answer(exchange, 401, "{\"error\":\"invalid_client\"}");
      return;
    }
    boolean app =
        asked.path("grant_type").asText().equals("client_credentials")
            && asked.path("scope").asText().equals("plugin,token.refresh");
    boolean install =
        asked.path("grant_type").asText().equals("plugin_install")
            && !asked.path("install_id").asText().isEmpty();
    if (asked.size() != 4 || app == install) {
      answer(exchange, 400, "{\"error\":\"invalid_grant\"}");
      return;
    }
    String token = "access-token-" + issued.size();
    String refresh = "refresh-token-" + issued.size();
    issued.add(token);
    issued.add(refresh);
    tokens.put(token, clock.instant().plus(TOKEN_LIFE));
    answer(
        exchange,
        200,
        """
        {"token_type":"Bearer","access_token":"%s","expires_in":%d,
         "refresh_token":"%s","refresh_token_expires_in":259200}
        """
            .formatted(token, TOKEN_LIFE.toSeconds(), refresh));
  }

  private void purpose(HttpExchange exchange, String install, byte[] body) throws IOException {
    String authorization = exchange.getRequestHeaders().getFirst("Authorization");
    String token =
        authorization != null && authorization.startsWith("Bearer ")
            ? authorization.substring("Bearer ".length())
            : "";
    Instant expires = tokens.get(token);
    if (expires == null || !clock.instant().isBefore(expires)) {
      answer(exchange, 401, "{\"errors\":[{\"status\":\"401\"}]}");
      return;
    }
    if (!exchange.getRequestMethod().equals("PUT")
        || !says(exchange, "Content-Type", "application/vnd.api+json")
        || !says(exchange, "Accept", "application/vnd.api+json")) {
      answer(exchange, 415, "{}");
      return;
    }
    JsonNode asked = JSON.readTree(body);
    if (asked.size() != 1 || !asked.path("purpose").isTextual()) {
      answer(exchange, 422, "{}");
      return;
    }
    purposes.put(install, asked.path("purpose").asText());
    exchange.sendResponseHeaders(204, -1);
  }

  private static boolean says(HttpExchange exchange, String header, String value) {
    return List.of(value).equals(exchange.getRequestHeaders().get(header));
  }

  private static void answer(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
