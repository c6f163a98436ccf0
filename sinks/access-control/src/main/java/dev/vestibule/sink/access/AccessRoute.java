package dev.vestibule.sink.access;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.vestibule.service.AdminServer;
import dev.vestibule.service.ServiceContext;
import dev.vestibule.sink.access.target.TargetException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code POST /access/explain}, {@code /access/reconcile}, {@code /access/lockdowns} and {@code
 * /access/release} on the admin port, JSON in and out. Who may enter where is nobody else's
 * business, so the token is always demanded.
 */
final class AccessRoute implements HttpHandler {
  static final String PATH = "/access/";

  private static final Logger LOG = LoggerFactory.getLogger(AccessRoute.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MAX_REQUEST_BYTES = 64 << 10;
  private static final Duration LOOK_BACK = Duration.ofDays(3);

  private final List<AccessSink> sinks;
  private final ServiceContext context;
  private Predicate<@Nullable String> mayAsk = _ -> false;

  AccessRoute(List<AccessSink> sinks, ServiceContext context) {
    this.sinks = sinks;
    this.context = context;
  }

  void open(AdminServer admin, Predicate<@Nullable String> mayAsk) {
    this.mayAsk = mayAsk;
    admin.route(PATH, this);
  }

  /** An answer that is no success. */
  private static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;

    private final int status;

    Refused(int status, String message) {
      super(message);
      this.status = status;
    }
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try {
      String given = exchange.getRequestHeaders().getFirst("Authorization");
      if (!mayAsk.test(given)) {
        throw new Refused(401, "expected the admin token");
      }
      if (!exchange.getRequestMethod().equals("POST")) {
        throw new Refused(405, "expected POST");
      }
      JsonNode question = question(exchange);
      respond(
          exchange,
          200,
          switch (exchange.getRequestURI().getPath().substring(PATH.length())) {
            case "explain" -> explain(question);
            case "reconcile" -> reconcile(question);
            case "lockdowns" -> lockdowns(question);
            case "release" -> release(question);
            default -> throw new Refused(404, "no such path");
          });
    } catch (Refused e) {
      respond(exchange, e.status, Map.of("error", String.valueOf(e.getMessage())));
    } catch (TargetException e) {
      respond(exchange, 502, Map.of("error", String.valueOf(e.getMessage())));
    } catch (KafkaException e) {
      respond(
          exchange,
          503,
          Map.of("error", "Kafka cannot be asked right now: " + e.getClass().getSimpleName()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      respond(exchange, 503, Map.of("error", "stopping"));
    }
  }

  private static JsonNode question(HttpExchange exchange) throws IOException, Refused {
    byte[] body = exchange.getRequestBody().readNBytes(MAX_REQUEST_BYTES + 1);
    try {
      JsonNode question = JSON.readTree(new String(body, StandardCharsets.UTF_8));
      if (body.length <= MAX_REQUEST_BYTES && question.isObject()) {
        return question;
      }
    } catch (JsonProcessingException e) {
      // Falls through to the one message.
    }
    throw new Refused(400, "expected a JSON object");
  }

  private static void respond(HttpExchange exchange, int status, Object body) throws IOException {
    AdminServer.respond(exchange, status, "application/json", JSON.writeValueAsString(body));
  }

  /** The sinks that are meant: the one that is named, or all. */
  private List<AccessSink> meant(JsonNode question) throws Refused {
    if (sinks.isEmpty()) {
      throw new Refused(404, "no sink opens doors here; expected one of type access-control");
    }
    String name = question.path("sink").textValue();
    List<AccessSink> meant =
        sinks.stream().filter(sink -> name == null || name.equals(sink.sink())).toList();
    if (meant.isEmpty()) {
      throw new Refused(
          404,
          "no sink '"
              + name
              + "' opens doors here; expected one of "
              + String.join(", ", sinks.stream().map(AccessSink::sink).toList()));
    }
    return meant;
  }

  private static Doors doors(AccessSink sink) throws Refused {
    return Optional.ofNullable(sink.doors())
        .orElseThrow(() ->
            new Refused(503, "sink '" + sink.sink() + "' does not know its states right now"));
  }

  private static String required(JsonNode question, String key) throws Refused {
    String value = question.path(key).textValue();
    if (value == null || value.isBlank()) {
      throw new Refused(400, "expected '" + key + "'");
    }
    return value;
  }

  // ---- Why

  private Object explain(JsonNode question) throws Refused {
    String visit = required(question, "visit");
    Duration since = duration(question.path("since").textValue());
    List<Object> all = new ArrayList<>();
    for (AccessSink sink : meant(question)) {
      Doors doors = doors(sink);
      VisitHistory history = VisitHistory.of(context, sink, visit, since);
      Map<String, Object> answer = new LinkedHashMap<>();
      answer.put("sink", sink.sink());
      List<Object> visits = new ArrayList<>();
      history
          .visits()
          .forEach((key, facts) -> {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("visit_key", key);
            one.put("facts", lines(sink, facts));
            one.put("now", StateText.of(doors.keeper().state(key), context.clock().instant()));
            visits.add(one);
          });
      answer.put("visits", visits);
      answer.put("lockdown", doors.keeper().lockdowns().on());
      answer.put("complete", history.complete());
      all.add(answer);
    }
    return Map.of("sinks", all);
  }

  private List<String> lines(AccessSink sink, List<Explanation.Known> facts) {
    return Explanation.of(sink.machine(), facts, context.clock().instant()).lines().stream()
        .map(Explanation.Line::toString)
        .toList();
  }

  private static Duration duration(@Nullable String text) throws Refused {
    if (text == null) {
      return LOOK_BACK;
    }
    try {
      return Duration.parse(text);
    } catch (DateTimeParseException e) {
      throw new Refused(400, "expected 'since' as an ISO-8601 duration such as P3D");
    }
  }

  // ---- What is there

  private Object reconcile(JsonNode question)
      throws Refused, TargetException, InterruptedException {
    boolean dryRun = question.path("dry_run").asBoolean(true);
    List<Object> all = new ArrayList<>();
    for (AccessSink sink : meant(question)) {
      Reconciliation found = doors(sink).reconcile(dryRun);
      Map<String, Object> answer = new LinkedHashMap<>();
      answer.put("sink", sink.sink());
      answer.put("reads_back", sink.readsBack());
      answer.put("foreign", found.foreign());
      answer.put(
          "findings",
          found.findings().stream()
              .map(finding ->
                  Map.of(
                      "kind", finding.kind().name(),
                      "visit_key", finding.visit(),
                      "grant_key", finding.key().value()))
              .toList());
      all.add(answer);
    }
    return Map.of("dry_run", dryRun, "sinks", all);
  }

  // ---- Lockdowns

  private Object lockdowns(JsonNode question) throws Refused {
    List<Object> all = new ArrayList<>();
    for (AccessSink sink : meant(question)) {
      for (Lockdowns.Lock lock : doors(sink).keeper().lockdowns().locks()) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("sink", sink.sink());
        one.put("source", lock.place().source());
        one.put("site", lock.place().site());
        one.put("zones", lock.zones().stream().sorted().toList());
        one.put("phase", lock.phase().name());
        one.put("since", lock.since().toString());
        all.add(one);
      }
    }
    return Map.of("lockdowns", all);
  }

  private Object release(JsonNode question) throws Refused {
    String source = required(question, "source");
    String site = required(question, "site");
    String by = required(question, "by");
    List<String> released = new ArrayList<>();
    for (AccessSink sink : meant(question)) {
      if (sink.release(doors(sink), source, site, by)) {
        released.add(sink.sink());
      }
    }
    if (released.isEmpty()) {
      throw new Refused(404, "no lockdown of site '" + site + "' of source '" + source + "' is on");
    }
    LOG.atWarn()
        .addKeyValue("source", source)
        .addKeyValue("site", site)
        .addKeyValue("by", by)
        .addKeyValue("sinks", released)
        .log("a person released a lockdown");
    return Map.of("released", released);
  }
}
