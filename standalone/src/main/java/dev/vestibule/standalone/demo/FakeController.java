package dev.vestibule.standalone.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.vestibule.standalone.demo.DoorBook.Door;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/**
 * A system that opens doors, reached by signed webhooks as any of an installation's own may be, and
 * with a page to look at. Listens on this machine alone; all of it is gone when it is closed.
 */
final class FakeController implements AutoCloseable {
  private static final String PATH = "/access";
  private static final int MOST_BYTES = 20_000;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final WebhookSeal seal;
  private final DoorBook book;
  private final InstantSource clock;
  private final AtomicInteger refused = new AtomicInteger();

  private FakeController(HttpServer server, String secret, Set<String> zones, InstantSource clock) {
    this.server = server;
    this.seal = new WebhookSeal(secret);
    this.book = new DoorBook(zones);
    this.clock = clock;
    server.createContext("/", this::answer);
    server.setExecutor(threads);
    server.start();
  }

  /**
   * Listens on any free port.
   *
   * @param secret {@code whsec_} and base64
   * @param zones that have doors
   */
  static FakeController start(String secret, Set<String> zones, InstantSource clock)
      throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
    return new FakeController(server, secret, zones, clock);
  }

  /** Where webhooks go. */
  URI url() {
    return page().resolve(PATH);
  }

  /** A page with the doors. */
  URI page() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
  }

  /** What it knows. */
  DoorBook book() {
    return book;
  }

  /** How many messages were not genuine, or not of a form that anybody could take in. */
  int refused() {
    return refused.get();
  }

  /** The doors as they are now, one a line. */
  String picture() {
    List<Door> doors = book.doors(clock.instant());
    int width = doors.stream().mapToInt(door -> door.zone().length()).max().orElse(0);
    return doors.stream()
        .map(door ->
            door.zone()
                + " ".repeat(width - door.zone().length())
                + (door.locked()
                    ? "  [LOCKED]"
                    : door.visitors().isEmpty() ? "  [      ]" : "  [ open ]")
                + (door.visitors().isEmpty() ? "" : "  " + String.join(", ", door.visitors())))
        .collect(Collectors.joining("\n"));
  }

  // ---- HTTP

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      switch (exchange.getRequestMethod() + " " + path) {
        case "POST " + PATH -> send(exchange, take(exchange), "text/plain", "");
        case "GET /" -> send(exchange, 200, "text/html; charset=utf-8", html());
        case "GET /doors.txt" -> send(exchange, 200, "text/plain; charset=utf-8", picture() + "\n");
        default -> send(exchange, 404, "text/plain", "");
      }
    }
  }

  /** The status; good only when what was told is noted. */
  private int take(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readNBytes(MOST_BYTES + 1);
    String id = exchange.getRequestHeaders().getFirst("webhook-id");
    String timestamp = exchange.getRequestHeaders().getFirst("webhook-timestamp");
    String signatures = exchange.getRequestHeaders().getFirst("webhook-signature");
    if (body.length > MOST_BYTES) {
      refused.incrementAndGet();
      return 413;
    }
    if (!seal.isGenuine(id, timestamp, signatures, body, clock.instant())) {
      refused.incrementAndGet();
      return 401;
    }
    try {
      JsonNode message = JSON.readTree(body);
      book.take(id, message, clock.instant());
      return 204;
    } catch (IOException | IllegalArgumentException e) {
      refused.incrementAndGet();
      return 400;
    }
  }

  private static void send(HttpExchange exchange, int status, String type, String text)
      throws IOException {
    byte[] bytes = text.getBytes(UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange
        .getResponseHeaders()
        .set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    if (bytes.length > 0) {
      exchange.getResponseBody().write(bytes);
    }
  }

  private String html() {
    String rows =
        book.doors(clock.instant()).stream()
            .map(door ->
                "<tr class=\"%s\"><td>%s<td>%s"
                    .formatted(
                        door.locked() ? "locked" : door.visitors().isEmpty() ? "shut" : "open",
                        escaped(door.zone()),
                        escaped(door.locked() ? "locked" : String.join(", ", door.visitors()))))
            .collect(Collectors.joining("\n"));
    return """
    <!doctype html>
    <html lang="en">
    <meta charset="utf-8">
    <meta http-equiv="refresh" content="1">
    <title>Doors</title>
    <style>
      body { font: 18px system-ui, sans-serif; margin: 2em; }
      td { padding: .4em 1.2em; border-left: .5em solid #bbb; }
      .open td:first-child { border-color: #2a8f3c; }
      .locked td:first-child { border-color: #c4302b; }
    </style>
    <h1>Doors</h1>
    <table>
    %s
    </table>
    """
        .formatted(rows);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
