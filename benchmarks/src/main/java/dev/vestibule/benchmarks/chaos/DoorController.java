package dev.vestibule.benchmarks.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A receiver of signed webhooks that keeps doors, as its contract says: an older sequence and a
 * grant past its time change nothing. It fails now and then, before or after it has acted.
 */
final class DoorController implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int BACKLOG = 256;

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Random random;
  private final Map<String, Door> doors = new HashMap<>();
  private int calls;
  private int failures;

  /** What is known of one visit. */
  private record Door(long sequence, boolean open) {}

  /** Opens a port of this machine. */
  DoorController(long seed) {
    this.random = new Random(seed);
    try {
      server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::serve);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/doors";
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      JsonNode data = JSON.readTree(exchange.getRequestBody().readAllBytes()).path("data");
      exchange.sendResponseHeaders(act(data), -1);
    }
  }

  private synchronized int act(JsonNode data) {
    calls++;
    int fault = random.nextInt(100);
    if (fault < 3) {
      failures++;
      return 503;
    }
    String key = data.path("grant_key").asText();
    long sequence = data.path("sequence").asLong();
    Door known = doors.getOrDefault(key, new Door(-1, false));
    if (sequence > known.sequence()) {
      boolean grant = data.path("action").asText().equals("grant");
      if (!grant || Instant.now().isBefore(Instant.parse(data.path("not_after").asText()))) {
        doors.put(key, new Door(sequence, grant));
      }
    }
    if (fault < 6) {
      failures++;
      return 500;
    }
    return 204;
  }

  /** Whether a visit's door is open. */
  synchronized boolean open(String key) {
    return doors.getOrDefault(key, new Door(-1, false)).open();
  }

  synchronized int calls() {
    return calls;
  }

  /** Calls that it failed, some of them after it had acted. */
  synchronized int failures() {
    return failures;
  }

  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }
}
