package dev.vestibule.standalone;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The admin port of a running process, for commands that ask it. */
final class AdminPort {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String address;
  private final String token;
  private final Supplier<Failure> nobody;

  /**
   * An answer.
   *
   * @param body its text
   */
  record Reply(int status, String body) {

    /**
     * The answer as JSON.
     *
     * @throws Failure when it is none, or tells an error
     */
    JsonNode json() {
      try {
        JsonNode json = JSON.readTree(body);
        if (status == 200) {
          return json;
        }
        throw new Failure(json.path("error").asText("the admin port answered " + status));
      } catch (JsonProcessingException e) {
        throw new Failure("the admin port answered something else than JSON", e);
      }
    }
  }

  private AdminPort(String address, String token, Supplier<Failure> nobody) {
    this.address = address;
    this.token = token;
    this.nobody = nobody;
  }

  /**
   * Of the {@code up} that runs on a data folder.
   *
   * @param otherwise what else the caller could do
   * @throws Failure when none does
   */
  static AdminPort of(@Nullable Path dataDir, String otherwise) {
    Path folder = dataDir == null ? DataFolder.byDefault() : dataDir;
    Supplier<Failure> nobody =
        () ->
            new Failure(
                "no `vestibule up` runs on data folder "
                    + folder.toAbsolutePath().normalize()
                    + "; "
                    + otherwise);
    RunFile running = RunFile.find(folder).orElseThrow(nobody);
    return new AdminPort(running.admin(), running.token(), nobody);
  }

  /**
   * Of a service that runs alone; its token is expected in {@code VESTIBULE_ADMIN_TOKEN}.
   *
   * @param address such as {@code http://127.0.0.1:8094}
   */
  static AdminPort at(String address) {
    String token = System.getenv("VESTIBULE_ADMIN_TOKEN");
    if (token == null || token.isBlank()) {
      throw new Failure(
          "no token; set VESTIBULE_ADMIN_TOKEN here and where the service was started");
    }
    String base = address.endsWith("/") ? address.substring(0, address.length() - 1) : address;
    return new AdminPort(base, token, () -> new Failure("nobody answers at " + base));
  }

  Reply get(String path, Duration patience) throws InterruptedException {
    return send(request(path, patience).GET());
  }

  Reply post(String path, Object body, Duration patience) throws InterruptedException {
    try {
      return send(
          request(path, patience)
              .header("Content-Type", "application/json")
              .POST(BodyPublishers.ofString(JSON.writeValueAsString(body))));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("maps of text are always JSON", e);
    }
  }

  private HttpRequest.Builder request(String path, Duration patience) {
    try {
      return HttpRequest.newBuilder(URI.create(address + path))
          .timeout(patience)
          .header("Authorization", "Bearer " + token);
    } catch (IllegalArgumentException e) {
      throw new Failure("'" + address + "' is no address; expected http://host:port", e);
    }
  }

  private Reply send(HttpRequest.Builder request) throws InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpResponse<String> answer =
          http.send(request.build(), BodyHandlers.ofString(StandardCharsets.UTF_8));
      return new Reply(answer.statusCode(), answer.body());
    } catch (IOException e) {
      throw nobody.get();
    }
  }
}
