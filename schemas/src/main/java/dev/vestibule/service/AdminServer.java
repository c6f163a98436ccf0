package dev.vestibule.service;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import dev.vestibule.config.ConfigException;
import dev.vestibule.config.Secret;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The admin port of a process: {@code /health/live}, {@code /health/ready}, {@code /metrics}
 * (Prometheus text) and what services add. On loopback it asks for nothing; on any other address
 * everything but {@code /health/*} demands {@code Authorization: Bearer <token>}.
 */
public final class AdminServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int BACKLOG = 64;
  private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, HttpHandler> routes = new ConcurrentHashMap<>();
  private final List<Service> services = new CopyOnWriteArrayList<>();
  private final @Nullable Secret token;
  private volatile boolean complete;

  private AdminServer(HttpServer server, PrometheusMeterRegistry meters, @Nullable Secret token) {
    this.server = server;
    this.token = token;
    route("/health/live", exchange -> answer(exchange, live() ? 200 : 503, health()));
    route("/health/ready", exchange -> answer(exchange, ready() ? 200 : 503, health()));
    route("/metrics", exchange -> respond(exchange, 200, TEXT, meters.scrape()));
    server.createContext("/", this::dispatch);
    server.setExecutor(threads);
    server.start();
  }

  /**
   * Opens the port. The process counts as live at once, as ready after {@link #complete()}.
   *
   * @param host address to listen on
   * @param port 0 for any free one
   * @param token what callers must know; may be null on loopback only
   * @throws ConfigException when the address is not loopback and there is no token
   * @throws java.net.BindException when the port is taken
   * @throws IOException when the address cannot be used
   */
  public static AdminServer start(
      String host, int port, PrometheusMeterRegistry meters, @Nullable Secret token)
      throws IOException {
    InetAddress address = InetAddress.getByName(host);
    if (token == null && !address.isLoopbackAddress()) {
      throw new ConfigException(
          "vestibule.ingress.admin-host",
          "'" + host + "' is not loopback; expected a token in VESTIBULE_ADMIN_TOKEN beside it");
    }
    InetSocketAddress socket = new InetSocketAddress(address, port);
    return new AdminServer(HttpServer.create(socket, BACKLOG), meters, token);
  }

  /** The port that is really open. */
  public int port() {
    return server.getAddress().getPort();
  }

  /** A service whose health counts from now on. */
  public void add(Service service) {
    services.add(service);
  }

  /** Says that no further service is to come: from now on their readiness decides. */
  public void complete() {
    complete = true;
  }

  /**
   * Answers a path: exactly that one, or everything below it when it is one name and ends with a
   * slash, as in {@code /receipts/}. The handler sees every method; an exception that leaves it
   * becomes a 500.
   */
  public void route(String path, HttpHandler handler) {
    routes.put(path, handler);
  }

  /** Whether every service is ready, and all have been added. */
  public boolean ready() {
    return complete && services.stream().allMatch(AdminServer::ready);
  }

  private boolean live() {
    return services.stream().allMatch(AdminServer::live);
  }

  private Map<String, Object> health() {
    Map<String, Object> details = new LinkedHashMap<>();
    for (Service service : services) {
      details.put(service.name(), Map.of("live", live(service), "ready", ready(service)));
    }
    Map<String, Object> health = new LinkedHashMap<>();
    health.put("live", live());
    health.put("ready", ready());
    health.put("services", details);
    return health;
  }

  private void dispatch(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      HttpHandler handler = handler(path);
      if (handler == null) {
        answer(exchange, 404, Map.of("error", "no such path"));
      } else if (!path.startsWith("/health/") && !authorized(exchange)) {
        exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer");
        answer(exchange, 401, Map.of("error", "expected the admin token"));
      } else {
        handle(handler, exchange);
      }
    }
  }

  private @Nullable HttpHandler handler(String path) {
    HttpHandler exact = routes.get(path);
    int end = path.indexOf('/', 1);
    return exact != null || end < 0 ? exact : routes.get(path.substring(0, end + 1));
  }

  private static void handle(HttpHandler handler, HttpExchange exchange) throws IOException {
    try {
      handler.handle(exchange);
    } catch (RuntimeException e) {
      LOG.atError()
          .addKeyValue("path", exchange.getRequestURI().getPath())
          .addKeyValue("error", e.getClass().getName())
          .log("admin request failed");
      if (exchange.getResponseCode() == -1) {
        answer(exchange, 500, Map.of("error", "internal error"));
      }
    }
  }

  private boolean authorized(HttpExchange exchange) {
    if (token == null) {
      return true;
    }
    String given = exchange.getRequestHeaders().getFirst("Authorization");
    return given != null
        && given.startsWith("Bearer ")
        && token.matches(given.substring("Bearer ".length()).getBytes(StandardCharsets.UTF_8));
  }

  private static boolean ready(Service service) {
    try {
      return service.ready();
    } catch (RuntimeException e) {
      return false;
    }
  }

  private static boolean live(Service service) {
    try {
      return service.live();
    } catch (RuntimeException e) {
      return false;
    }
  }

  private static void answer(HttpExchange exchange, int status, Object body) throws IOException {
    try {
      respond(exchange, status, "application/json", JSON.writeValueAsString(body));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("maps of text are always JSON", e);
    }
  }

  /** Answers with a text body, or with its headers alone for {@code HEAD}. */
  public static void respond(HttpExchange exchange, int status, String contentType, String body)
      throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", contentType);
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.sendResponseHeaders(status, -1);
      return;
    }
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  /** Closes the port and waits for nobody. */
  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }
}
