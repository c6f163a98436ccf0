package dev.vestibule.sink.access.target.brivo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vestibule.sink.access.target.TargetException;
import dev.vestibule.sink.access.target.TargetException.Kind;
import dev.vestibule.sink.access.target.http.Answer;
import dev.vestibule.sink.access.target.http.Call;
import dev.vestibule.sink.access.target.http.JsonWindows;
import dev.vestibule.sink.access.target.http.Transport;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Calls with a token, which is fetched anew once when it is refused. */
final class BrivoApi {
  static final int BAD_REQUEST = 400;
  static final int NOT_FOUND = 404;

  private static final JsonWindows WINDOWS =
      new JsonWindows("effectiveFrom", "effectiveTo", "externalId");
  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;
  private static final int WRONG_PATH = 596;
  private static final int PAGE = 100;

  private final Transport wire;
  private final BrivoTokens tokens;
  private final String base;
  private final String apiKey;

  BrivoApi(BrivoSettings settings, Transport wire, BrivoTokens tokens) {
    this.wire = wire;
    this.tokens = tokens;
    this.base = settings.uri().toString();
    this.apiKey = settings.apiKey().reveal();
  }

  /** Sends; the answer may have any status but 401. */
  Answer send(String name, String method, String path, @Nullable JsonNode body)
      throws TargetException, InterruptedException {
    return send(name, method, path, body, false);
  }

  /** The same without waiting for a turn. */
  Answer sendAtOnce(String name, String method, String path)
      throws TargetException, InterruptedException {
    return send(name, method, path, null, true);
  }

  /** Sends what must go well, or be about nothing that is there any more. */
  Answer good(String name, String method, String path, @Nullable JsonNode body)
      throws TargetException, InterruptedException {
    Answer answer = send(name, method, path, body);
    if (answer.good()) {
      return answer;
    }
    throw failure(answer);
  }

  /** All items of a list; none where what it belongs to is not there. */
  List<JsonNode> list(String name, String path) throws TargetException, InterruptedException {
    List<JsonNode> all = new ArrayList<>();
    while (true) {
      Answer answer = send(name, "GET", path + "?offset=" + all.size() + "&pageSize=" + PAGE, null);
      if (answer.status() == NOT_FOUND) {
        return all;
      }
      if (!answer.good()) {
        throw failure(answer);
      }
      JsonNode page = answer.json();
      page.path("data").forEach(all::add);
      if (page.path("data").isEmpty() || all.size() >= page.path("count").asLong(Long.MAX_VALUE)) {
        return all;
      }
    }
  }

  private Answer send(
      String name, String method, String path, @Nullable JsonNode body, boolean atOnce)
      throws TargetException, InterruptedException {
    String token = tokens.token();
    Answer answer = once(name, method, path, body, atOnce, token);
    if (answer.status() == UNAUTHORIZED) {
      answer = once(name, method, path, body, atOnce, tokens.insteadOf(token));
    }
    if (answer.status() == UNAUTHORIZED) {
      throw answer.failure(Kind.AUTH, "was refused with a new token; check the login's rights");
    }
    return answer;
  }

  private Answer once(
      String name,
      String method,
      String path,
      @Nullable JsonNode body,
      boolean atOnce,
      String token)
      throws TargetException, InterruptedException {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Authorization", "bearer " + token);
    headers.put("api-key", apiKey);
    headers.put("Accept", "application/json");
    headers.put("Content-Type", "application/json");
    Call call =
        new Call(
            "Brivo: " + name,
            method,
            URI.create(base + path),
            headers,
            body == null ? null : WINDOWS.written(body),
            !method.equals("GET"));
    return atOnce ? wire.sendAtOnce(call) : wire.send(call);
  }

  /** What a refusal means: the gateway says 403 also when there was too much. */
  static TargetException failure(Answer answer) {
    return switch (answer.status()) {
      case FORBIDDEN ->
          answer.headers().firstValue("X-Mashery-Error-Code").orElse("").contains("_OVER_")
              ? answer.failure(Kind.RETRY, "is over its quota")
              : answer.failure(Kind.AUTH, "was refused; check the api key and the login's rights");
      case WRONG_PATH -> answer.failure(Kind.REJECTED, "is unknown to Brivo; check the address");
      default -> answer.failure();
    };
  }
}
