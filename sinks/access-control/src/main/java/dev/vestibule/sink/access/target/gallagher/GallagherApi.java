package dev.vestibule.sink.access.target.gallagher;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vestibule.sink.access.target.TargetException;
import dev.vestibule.sink.access.target.TargetException.Kind;
import dev.vestibule.sink.access.target.http.Answer;
import dev.vestibule.sink.access.target.http.Call;
import dev.vestibule.sink.access.target.http.JsonWindows;
import dev.vestibule.sink.access.target.http.Transport;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Follows hrefs from {@code GET /api}, the one path that is known beforehand. Of an href only path
 * and query count: the server may name itself otherwise than we reach it, and our key goes to no
 * other host.
 */
final class GallagherApi {
  static final int BAD_REQUEST = 400;
  static final int FORBIDDEN = 403;
  static final int NOT_FOUND = 404;
  static final int CONFLICT = 409;

  private static final JsonWindows WINDOWS = new JsonWindows("from", "until", "accessGroup");

  private final Transport wire;
  private final String base;
  private final Map<String, String> headers;
  private volatile @Nullable JsonNode features;

  GallagherApi(Transport wire, URI address, String apiKey) {
    this.wire = wire;
    this.base = address.getScheme() + "://" + address.getRawAuthority();
    this.headers =
        Map.of(
            "Authorization",
            "GGL-API-KEY " + apiKey,
            "Accept",
            "application/json",
            "Content-Type",
            "application/json");
  }

  /**
   * The path of a feature's collection, e.g. {@code cardholders}.
   *
   * @throws TargetException {@code AUTH} where the server does not offer it to us
   */
  String feature(String name) throws TargetException, InterruptedException {
    JsonNode known = features;
    if (known == null) {
      known = good("read features", "GET", "/api", null).json().path("features");
    }
    JsonNode href = known.path(name).path(name).path("href");
    if (!href.isTextual()) {
      throw new TargetException(
          Kind.AUTH,
          "Gallagher: '" + name + "' is not offered; check the licence and the operator's rights");
    }
    features = known;
    return path(href);
  }

  /** All items of a list, page after page. */
  List<JsonNode> list(String name, String path) throws TargetException, InterruptedException {
    List<JsonNode> all = new ArrayList<>();
    Set<String> read = new LinkedHashSet<>();
    String next = path;
    while (read.add(next)) {
      JsonNode page = good(name, "GET", next, null).json();
      page.path("results").forEach(all::add);
      if (!page.path("next").path("href").isTextual()) {
        return all;
      }
      next = path(page.path("next").path("href"));
    }
    throw new TargetException(Kind.RETRY, "Gallagher: " + name + " goes in a circle");
  }

  Answer good(String name, String method, String path, @Nullable JsonNode body)
      throws TargetException, InterruptedException {
    Answer answer = send(name, method, path, body);
    if (answer.good()) {
      return answer;
    }
    throw failure(answer);
  }

  Answer send(String name, String method, String path, @Nullable JsonNode body)
      throws TargetException, InterruptedException {
    return wire.send(call(name, method, path, body));
  }

  /** The same without waiting for a turn. */
  Answer sendAtOnce(String name, String method, String path)
      throws TargetException, InterruptedException {
    return wire.sendAtOnce(call(name, method, path, null));
  }

  private Call call(String name, String method, String path, @Nullable JsonNode body) {
    return new Call(
        "Gallagher: " + name,
        method,
        URI.create(base + path),
        headers,
        body == null ? null : WINDOWS.written(body),
        !method.equals("GET"));
  }

  static TargetException failure(Answer answer) {
    return answer.status() == CONFLICT
        ? answer.failure(Kind.RETRY, "found it locked by another operator")
        : answer.failure();
  }

  /** Adds a parameter to a path that may have some. */
  static String with(String path, String parameter) {
    return path + (path.indexOf('?') < 0 ? "?" : "&") + parameter;
  }

  /** What stays the same of an href: neither scheme nor host. */
  static String path(JsonNode href) throws TargetException {
    return path(href.asText());
  }

  static String path(String href) throws TargetException {
    try {
      URI uri = URI.create(href);
      String path = uri.getRawPath();
      if (path != null && path.startsWith("/")) {
        return uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery();
      }
    } catch (IllegalArgumentException e) {
      // Falls through to the one message.
    }
    throw new TargetException(Kind.RETRY, "Gallagher: the server sent an href that is none");
  }

  /** A path as the server wants to be told of it. */
  String href(String path) {
    return base + path;
  }
}
