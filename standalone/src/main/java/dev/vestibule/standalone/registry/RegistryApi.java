package dev.vestibule.standalone.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.vestibule.standalone.registry.SchemaStore.Registered;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The routes of Confluent's interface that serializers and tools use. Query strings are ignored but
 * for {@code verbose} and {@code defaultToGlobal}.
 */
final class RegistryApi implements HttpHandler {
  private static final Logger LOG = LoggerFactory.getLogger(RegistryApi.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String MEDIA_TYPE = "application/vnd.schemaregistry.v1+json";
  private static final int MAX_BODY_BYTES = 1024 * 1024;

  private final SchemaStore store;

  RegistryApi(SchemaStore store) {
    this.store = store;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      JsonNode answer;
      int status = 200;
      try {
        answer = answer(exchange);
      } catch (RegistryProblem problem) {
        status = problem.status();
        answer = problem(problem.code(), String.valueOf(problem.getMessage()));
      } catch (RuntimeException e) {
        LOG.atError().setCause(e).log("registry request failed");
        status = 500;
        answer = problem(50001, "Internal error");
      }
      byte[] bytes = JSON.writeValueAsBytes(answer);
      exchange.getResponseHeaders().set("Content-Type", MEDIA_TYPE);
      exchange.sendResponseHeaders(status, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  private JsonNode answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getRawPath();
    String query = exchange.getRequestURI().getRawQuery();
    List<String> parts =
        Arrays.stream(path.split("/")).filter(part -> !part.isEmpty()).map(this::decoded).toList();
    // The whole body is read even where it has no meaning, so that the sender can read the answer.
    byte[] bytes = exchange.getRequestBody().readNBytes(MAX_BODY_BYTES + 1);
    String body = bytes.length > MAX_BODY_BYTES ? null : new String(bytes, StandardCharsets.UTF_8);
    Request request = new Request(exchange.getRequestMethod(), parts, query, body);
    return switch (parts.isEmpty() ? "" : parts.getFirst()) {
      case "" -> JSON.createObjectNode();
      case "subjects" -> subjects(request);
      case "schemas" -> schemas(request);
      case "config" -> config(request);
      case "compatibility" -> compatibility(request);
      case "mode" -> JSON.createObjectNode().put("mode", "READWRITE");
      default -> throw RegistryProblem.notFound();
    };
  }

  /**
   * @param body null when it was too large
   */
  private record Request(
      String method, List<String> parts, @Nullable String query, @Nullable String body) {

    String part(int index) {
      return parts.get(index);
    }

    boolean get() {
      return is("GET");
    }

    boolean post() {
      return is("POST");
    }

    boolean is(String wanted) {
      return method.equals(wanted);
    }

    boolean flag(String name) {
      return query != null && Arrays.asList(query.split("&")).contains(name + "=true");
    }

    JsonNode json() {
      if (body == null) {
        throw RegistryProblem.invalidSchema("larger than 1 MiB");
      }
      try {
        return JSON.readTree(body);
      } catch (JsonProcessingException e) {
        throw RegistryProblem.invalidSchema("the request is no JSON");
      }
    }

    String schema() {
      JsonNode json = json();
      String type = json.path("schemaType").asText("AVRO");
      if (!type.equals("AVRO") && !json.path("schemaType").isNull()) {
        throw RegistryProblem.invalidSchema("only AVRO is supported");
      }
      if (!json.path("references").isEmpty()) {
        throw RegistryProblem.invalidSchema("references are not supported");
      }
      if (!json.path("schema").isTextual()) {
        throw RegistryProblem.invalidSchema("the field schema is missing");
      }
      return json.path("schema").textValue();
    }
  }

  private JsonNode subjects(Request request) {
    int depth = request.parts().size();
    if (depth == 1) {
      onlyGet(request);
      return texts(store.subjects());
    }
    String subject = request.part(1);
    if (depth == 2) {
      if (!request.post()) {
        throw RegistryProblem.notAllowed();
      }
      return registered(store.lookup(subject, request.schema()));
    }
    if (!request.part(2).equals("versions") || depth > 5) {
      throw RegistryProblem.notFound();
    }
    if (depth == 3) {
      if (request.post()) {
        return JSON.createObjectNode().put("id", store.register(subject, request.schema()));
      }
      onlyGet(request);
      return numbers(store.versions(subject).stream().map(Registered::version).toList());
    }
    onlyGet(request);
    Registered version = store.version(subject, request.part(3));
    if (depth == 4) {
      return registered(version);
    }
    if (!request.part(4).equals("schema")) {
      throw RegistryProblem.notFound();
    }
    return parsed(version.text());
  }

  private JsonNode schemas(Request request) {
    onlyGet(request);
    int depth = request.parts().size();
    if (depth == 2 && request.part(1).equals("types")) {
      return texts(List.of("AVRO"));
    }
    if (depth < 3 || depth > 4 || !request.part(1).equals("ids")) {
      throw RegistryProblem.notFound();
    }
    int id;
    try {
      id = Integer.parseInt(request.part(2));
    } catch (NumberFormatException e) {
      throw RegistryProblem.notFound();
    }
    if (depth == 3) {
      return JSON.createObjectNode().put("schema", store.byId(id));
    }
    return switch (request.part(3)) {
      case "schema" -> parsed(store.byId(id));
      case "subjects" ->
          texts(store.uses(id).stream().map(Registered::subject).distinct().toList());
      case "versions" -> {
        ArrayNode uses = JSON.createArrayNode();
        store
            .uses(id)
            .forEach(use ->
                uses.addObject().put("subject", use.subject()).put("version", use.version()));
        yield uses;
      }
      default -> throw RegistryProblem.notFound();
    };
  }

  private JsonNode config(Request request) {
    int depth = request.parts().size();
    if (depth > 2) {
      throw RegistryProblem.notFound();
    }
    String subject = depth == 2 ? request.part(1) : null;
    if (request.is("PUT")) {
      String name = request.json().path("compatibility").asText();
      CompatibilityLevel level =
          CompatibilityLevel.of(name).orElseThrow(() -> RegistryProblem.invalidLevel(name));
      store.level(subject, level);
      return JSON.createObjectNode().put("compatibility", level.name());
    }
    onlyGet(request);
    CompatibilityLevel level =
        subject == null
            ? store.defaultLevel()
            : store
                .level(subject)
                .orElseGet(() -> {
                  if (!request.flag("defaultToGlobal")) {
                    throw RegistryProblem.noLevel(subject);
                  }
                  return store.defaultLevel();
                });
    return JSON.createObjectNode().put("compatibilityLevel", level.name());
  }

  private JsonNode compatibility(Request request) {
    int depth = request.parts().size();
    if (depth < 4
        || depth > 5
        || !request.part(1).equals("subjects")
        || !request.part(3).equals("versions")) {
      throw RegistryProblem.notFound();
    }
    if (!request.post()) {
      throw RegistryProblem.notAllowed();
    }
    List<String> problems =
        store.problems(request.part(2), depth == 5 ? request.part(4) : null, request.schema());
    ObjectNode answer = JSON.createObjectNode().put("is_compatible", problems.isEmpty());
    if (request.flag("verbose")) {
      answer.set("messages", texts(problems));
    }
    return answer;
  }

  private static void onlyGet(Request request) {
    if (!request.get()) {
      throw RegistryProblem.notAllowed();
    }
  }

  private String decoded(String part) {
    try {
      // In a path a plus sign is itself.
      return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw RegistryProblem.notFound();
    }
  }

  private static ObjectNode registered(Registered registered) {
    return JSON.createObjectNode()
        .put("subject", registered.subject())
        .put("version", registered.version())
        .put("id", registered.id())
        .put("schema", registered.text());
  }

  private static JsonNode parsed(String schema) {
    try {
      return JSON.readTree(schema);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a stored schema is no JSON", e);
    }
  }

  private static ArrayNode texts(Collection<String> values) {
    ArrayNode array = JSON.createArrayNode();
    values.forEach(array::add);
    return array;
  }

  private static ArrayNode numbers(Collection<Integer> values) {
    ArrayNode array = JSON.createArrayNode();
    values.forEach(array::add);
    return array;
  }

  private static ObjectNode problem(int code, String message) {
    return JSON.createObjectNode().put("error_code", code).put("message", message);
  }
}
