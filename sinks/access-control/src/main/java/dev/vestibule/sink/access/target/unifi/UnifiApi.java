package dev.vestibule.sink.access.target.unifi;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vestibule.sink.access.target.TargetException;
import dev.vestibule.sink.access.target.TargetException.Kind;
import dev.vestibule.sink.access.target.http.Answer;
import dev.vestibule.sink.access.target.http.Call;
import dev.vestibule.sink.access.target.http.JsonWindows;
import dev.vestibule.sink.access.target.http.Transport;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The console's envelope: a call went well only when the status and the code in the body say so.
 */
final class UnifiApi {
  private static final JsonWindows WINDOWS =
      new JsonWindows("start_time", "end_time", "visit_reason");
  private static final Set<String> GONE = Set.of("CODE_NOT_EXISTS", "CODE_RESOURCE_NOT_FOUND");
  private static final Set<String> NOT_LET_IN =
      Set.of(
          "CODE_AUTH_FAILED",
          "CODE_ACCESS_TOKEN_INVALID",
          "CODE_UNAUTHORIZED",
          "CODE_OPERATION_FORBIDDEN",
          "CODE_OTHERS_UID_ADOPTED_NOT_SUPPORTED");
  private static final Pattern CODE = Pattern.compile("[A-Z_]{1,80}");

  private final Transport wire;
  private final String base;
  private final Map<String, String> headers;

  UnifiApi(Transport wire, URI address, String token) {
    this.wire = wire;
    this.base = address + "/api/v1/developer";
    this.headers =
        Map.of(
            "Authorization",
            "Bearer " + token,
            "Accept",
            "application/json",
            "Content-Type",
            "application/json");
  }

  /** The whole envelope. */
  JsonNode read(String name, String path) throws TargetException, InterruptedException {
    Answer answer = wire.send(call(name, "GET", path, null));
    return envelope(answer).orElseThrow(() -> answer.failure(Kind.RETRY, "found nothing"));
  }

  /** The data of one object; empty when it is not there. */
  Optional<JsonNode> find(String name, String path) throws TargetException, InterruptedException {
    return envelope(wire.send(call(name, "GET", path, null))).map(e -> e.path("data"));
  }

  /** Sends a change; empty when what it is about is not there. */
  Optional<JsonNode> change(String name, String method, String path, @Nullable JsonNode body)
      throws TargetException, InterruptedException {
    return envelope(wire.send(call(name, method, path, body))).map(e -> e.path("data"));
  }

  /** The same without waiting for a turn. */
  Optional<JsonNode> changeAtOnce(String name, String method, String path, JsonNode body)
      throws TargetException, InterruptedException {
    return envelope(wire.sendAtOnce(call(name, method, path, body))).map(e -> e.path("data"));
  }

  private Call call(String name, String method, String path, @Nullable JsonNode body) {
    return new Call(
        "UniFi Access: " + name,
        method,
        URI.create(base + path),
        headers,
        body == null ? null : WINDOWS.written(body),
        !method.equals("GET"));
  }

  private static Optional<JsonNode> envelope(Answer answer) throws TargetException {
    if (answer.status() == 429 || answer.status() >= 500) {
      throw answer.failure();
    }
    if (answer.good()) {
      JsonNode envelope = answer.json();
      String code = envelope.path("code").asText();
      if (code.equals("SUCCESS")) {
        return Optional.of(envelope);
      }
      return failed(answer, code);
    }
    return failed(answer, codeOf(answer));
  }

  private static Optional<JsonNode> failed(Answer answer, String code) throws TargetException {
    if (GONE.contains(code)) {
      return Optional.empty();
    }
    if (code.equals("CODE_SYSTEM_ERROR")) {
      throw answer.failure(
          answer.call().changes() ? Kind.AMBIGUOUS : Kind.RETRY, "met an error of the console");
    }
    if (NOT_LET_IN.contains(code)) {
      throw answer.failure(Kind.AUTH, "was refused as " + code + "; check the token and its scope");
    }
    if (code.isEmpty() && !answer.good()) {
      throw answer.failure();
    }
    throw answer.failure(
        answer.status() == 401 || answer.status() == 403 ? Kind.AUTH : Kind.REJECTED,
        "was refused as " + (CODE.matcher(code).matches() ? code : "something unknown"));
  }

  private static String codeOf(Answer answer) {
    try {
      return answer.json().path("code").asText();
    } catch (TargetException e) {
      return "";
    }
  }
}
