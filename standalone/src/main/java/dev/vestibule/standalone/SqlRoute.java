package dev.vestibule.standalone;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.vestibule.service.AdminServer;
import dev.vestibule.sink.warehouse.Answer;
import dev.vestibule.sink.warehouse.Query;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * {@code POST /sql} on the admin port: {@code {"sql": "…"}} in, the rows of {@link Answer.Rows} or
 * {@code {"error": "…"}} out. Rows are personal data, so the token is always demanded.
 */
final class SqlRoute implements HttpHandler {
  static final String PATH = "/sql";
  private static final int MAX_REQUEST_BYTES = 1 << 20;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Query query;
  private final AdminAccess access;

  private SqlRoute(Query query, AdminAccess access) {
    this.query = query;
    this.access = access;
  }

  static void open(AdminServer admin, Query query, AdminAccess access) {
    admin.route(PATH, new SqlRoute(query, access));
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    if (!access.admits(exchange.getRequestHeaders().getFirst("Authorization"))) {
      respond(exchange, 401, Map.of("error", "expected the token of the data folder's run.json"));
    } else if (!exchange.getRequestMethod().equals("POST")) {
      respond(exchange, 405, Map.of("error", "expected POST"));
    } else {
      answer(exchange, exchange.getRequestBody().readNBytes(MAX_REQUEST_BYTES + 1));
    }
  }

  private void answer(HttpExchange exchange, byte[] body) throws IOException {
    String sql = body.length > MAX_REQUEST_BYTES ? "" : sql(body);
    if (sql.isEmpty()) {
      respond(exchange, 400, Map.of("error", "expected {\"sql\": \"…\"} of at most 1 MiB"));
      return;
    }
    switch (query.ask(sql)) {
      case Answer.Rows rows -> respond(exchange, 200, rows);
      case Answer.Refused refused ->
          respond(exchange, status(refused.reason()), Map.of("error", refused.message()));
    }
  }

  private static int status(Answer.Reason reason) {
    return switch (reason) {
      case NOT_ALLOWED -> 403;
      case FAILED -> 400;
      case BUSY -> 429;
      case TIMEOUT -> 504;
    };
  }

  private static String sql(byte[] body) {
    try {
      JsonNode request = JSON.readTree(new String(body, StandardCharsets.UTF_8));
      return request.path("sql").asText("");
    } catch (JsonProcessingException e) {
      return "";
    }
  }

  private static void respond(HttpExchange exchange, int status, Object body) throws IOException {
    AdminServer.respond(exchange, status, "application/json", JSON.writeValueAsString(body));
  }
}
