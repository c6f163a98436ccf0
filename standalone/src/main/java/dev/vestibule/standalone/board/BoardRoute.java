package dev.vestibule.standalone.board;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import dev.vestibule.service.AdminServer;
import dev.vestibule.standalone.receipts.ReceiptsRoute;
import dev.vestibule.standalone.receipts.StageLag;
import dev.vestibule.standalone.receipts.Tracer;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /board}: a page that loads nothing from elsewhere and may run its one script only.
 * {@code GET /board.json}: what it shows; Kafka is asked every two seconds at most.
 */
public final class BoardRoute {
  private static final Duration PATIENCE = Duration.ofSeconds(3);
  private static final Duration FRESH = Duration.ofSeconds(2);

  private final MeterRegistry meters;
  private final Tracer tracer;
  private final InstantSource clock;
  private final String page = resource();
  private final String policy =
      "default-src 'none'; style-src '"
          + hash(page, "style")
          + "'; script-src '"
          + hash(page, "script")
          + "'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  private @Nullable Board latest;
  private Instant asked = Instant.MIN;

  private BoardRoute(MeterRegistry meters, Tracer tracer, InstantSource clock) {
    this.meters = meters;
    this.tracer = tracer;
    this.clock = clock;
  }

  /** Adds both routes to an admin port. */
  public static void open(
      AdminServer admin, MeterRegistry meters, Tracer tracer, InstantSource clock) {
    BoardRoute board = new BoardRoute(meters, tracer, clock);
    admin.route("/board", board::page);
    admin.route("/board.json", board::data);
  }

  private void page(HttpExchange exchange) throws IOException {
    if (isRead(exchange)) {
      exchange.getResponseHeaders().set("Content-Security-Policy", policy);
      AdminServer.respond(exchange, 200, "text/html; charset=utf-8", page);
    }
  }

  private void data(HttpExchange exchange) throws IOException {
    if (isRead(exchange)) {
      AdminServer.respond(exchange, 200, "application/json", ReceiptsRoute.json(board()));
    }
  }

  private static boolean isRead(HttpExchange exchange) throws IOException {
    Headers headers = exchange.getResponseHeaders();
    headers.set("Cache-Control", "no-store");
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("Referrer-Policy", "no-referrer");
    if (exchange.getRequestMethod().equals("GET")) {
      return true;
    }
    headers.set("Allow", "GET");
    AdminServer.respond(
        exchange, 405, "application/json", ReceiptsRoute.json(Map.of("error", "expected GET")));
    return false;
  }

  private synchronized Board board() {
    Instant now = clock.instant();
    Board board = latest;
    if (board == null || now.isAfter(asked.plus(FRESH))) {
      board = ask(now);
      latest = board;
      asked = clock.instant();
    }
    return board;
  }

  private Board ask(Instant now) {
    List<StageLag> stages = null;
    String problem = null;
    try {
      stages = tracer.stages(PATIENCE);
    } catch (KafkaException e) {
      problem = "Kafka cannot be asked right now: " + e.getClass().getSimpleName();
    }
    return Board.of(now.toString(), meters, stages, problem);
  }

  private static String resource() {
    try (InputStream stream = BoardRoute.class.getResourceAsStream("/board.html")) {
      if (stream == null) {
        throw new IllegalStateException("board.html is not on the class path");
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What a content security policy calls the element's text by. */
  private static String hash(String page, String element) {
    String open = "<" + element + ">";
    String text =
        page.substring(page.indexOf(open) + open.length(), page.indexOf("</" + element + ">"));
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return "sha256-" + Base64.getEncoder().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 is not available", e);
    }
  }
}
