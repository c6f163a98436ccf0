package dev.vestibule.e2e.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Asks a registry as curl would. */
final class RegistryClient implements AutoCloseable {
  static final ObjectMapper JSON = new ObjectMapper();

  /** Status and body of an answer. */
  record Answer(int status, JsonNode json) {
    int code() {
      return json.path("error_code").asInt();
    }
  }

  private final String url;
  private final HttpClient client = HttpClient.newHttpClient();

  RegistryClient(String url) {
    this.url = url;
  }

  Answer get(String path) {
    return ask("GET", path, null);
  }

  Answer post(String path, String schema) {
    return ask("POST", path, JSON.createObjectNode().put("schema", schema).toString());
  }

  Answer put(String path, String body) {
    return ask("PUT", path, body);
  }

  private Answer ask(String method, String path, @Nullable String body) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + path))
            .timeout(Duration.ofSeconds(20))
            .header("Content-Type", "application/vnd.schemaregistry.v1+json")
            .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
            .build();
    try {
      HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
      return new Answer(response.statusCode(), JSON.readTree(response.body()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
