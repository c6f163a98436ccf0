package dev.vestibule.standalone.receipts;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.vestibule.service.AdminServer;
import dev.vestibule.standalone.receipts.Answer.Expired;
import dev.vestibule.standalone.receipts.Answer.Found;
import dev.vestibule.standalone.receipts.Answer.Malformed;
import dev.vestibule.standalone.receipts.Answer.Unavailable;
import dev.vestibule.standalone.receipts.Answer.Unknown;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * {@code GET /receipts/{id}} on the admin port: the {@link Trace} of one delivery. {@code GET
 * /visits/{id}}: the traces of everything that an event id or a visit is about. 400, 404, 410 and
 * 503 say {@code {"error": "…"}}; every answer comes within five seconds.
 */
public final class ReceiptsRoute implements HttpHandler {
  private static final String RECEIPTS = "/receipts/";

  /** Path before the id of anything. */
  public static final String VISITS = "/visits/";

  private static final JsonMapper JSON =
      JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();
  private static final Duration PATIENCE = Duration.ofSeconds(4);

  /** Each look-up costs memory and a connection; an operator needs few at once. */
  private static final int AT_ONCE = 4;

  private final String prefix;
  private final BiFunction<String, Duration, Answer> question;
  private final Function<Found, Object> view;
  private final Semaphore free;

  private ReceiptsRoute(
      String prefix,
      BiFunction<String, Duration, Answer> question,
      Function<Found, Object> view,
      Semaphore free) {
    this.prefix = prefix;
    this.question = question;
    this.view = view;
    this.free = free;
  }

  /** Adds both routes to an admin port. */
  public static void open(AdminServer admin, Tracer tracer) {
    Semaphore free = new Semaphore(AT_ONCE);
    admin.route(
        RECEIPTS,
        new ReceiptsRoute(
            RECEIPTS, tracer::delivery, found -> found.deliveries().getFirst(), free));
    admin.route(VISITS, new ReceiptsRoute(VISITS, tracer::anything, found -> found, free));
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().set("Cache-Control", "no-store");
    if (!exchange.getRequestMethod().equals("GET")) {
      exchange.getResponseHeaders().set("Allow", "GET");
      respond(exchange, 405, Map.of("error", "expected GET"));
    } else if (!free.tryAcquire()) {
      exchange.getResponseHeaders().set("Retry-After", "1");
      respond(exchange, 503, Map.of("error", "too many look-ups at once; ask again"));
    } else {
      try {
        String id = exchange.getRequestURI().getPath().substring(prefix.length());
        answer(exchange, question.apply(id, PATIENCE));
      } finally {
        free.release();
      }
    }
  }

  private void answer(HttpExchange exchange, Answer answer) throws IOException {
    int status = status(answer);
    if (status == 503) {
      exchange.getResponseHeaders().set("Retry-After", "1");
    }
    respond(exchange, status, answer instanceof Found found ? view.apply(found) : answer);
  }

  /** The status that goes with an answer. */
  static int status(Answer answer) {
    return switch (answer) {
      case Found _ -> 200;
      case Malformed _ -> 400;
      case Unknown _ -> 404;
      case Expired _ -> 410;
      case Unavailable _ -> 503;
    };
  }

  /** The JSON of an answer, or of a part of it. */
  public static String json(Object answer) {
    try {
      return JSON.writeValueAsString(answer);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("records of text are always JSON", e);
    }
  }

  /**
   * What {@code /visits/} has answered.
   *
   * @param status 200, or one of those that come with an error
   * @throws JsonProcessingException when it is nothing of ours
   */
  public static Answer read(int status, String body) throws JsonProcessingException {
    return switch (status) {
      case 200 -> JSON.readValue(body, Found.class);
      case 400 -> JSON.readValue(body, Malformed.class);
      case 404 -> JSON.readValue(body, Unknown.class);
      case 410 -> JSON.readValue(body, Expired.class);
      default -> JSON.readValue(body, Unavailable.class);
    };
  }

  private static void respond(HttpExchange exchange, int status, Object body) throws IOException {
    AdminServer.respond(exchange, status, "application/json", json(body));
  }
}
