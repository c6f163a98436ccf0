package dev.vestibule.serde;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.vestibule.config.ConfigException;
import dev.vestibule.config.HttpAddress;
import dev.vestibule.config.RegistryConfig;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Client of a Confluent-compatible schema registry. Each request has a time limit; a registry that
 * cannot be reached or answers 5xx is asked again a few times with growing pauses, over all given
 * addresses in turn, before {@link RegistryException#retriable()} is thrown.
 */
public final class HttpSchemaRegistry implements SchemaRegistry, AutoCloseable {
  private static final String MEDIA_TYPE = "application/vnd.schemaregistry.v1+json";
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);
  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final int ATTEMPTS = 5;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<String> addresses;
  private final @Nullable String authorization;
  private final Duration firstPause;

  /** Made for the first request: it reads all trusted roots, which a service may never need. */
  private @Nullable HttpClient client;

  /**
   * @param url base address, e.g. {@code http://127.0.0.1:8081}; several are separated by commas
   * @param userInfo {@code user:password} for HTTP Basic, or null
   * @throws ConfigException when the address is no http or https URL
   */
  public HttpSchemaRegistry(String url, @Nullable String userInfo) {
    this(url, userInfo, FIRST_PAUSE);
  }

  HttpSchemaRegistry(String url, @Nullable String userInfo, Duration firstPause) {
    this.addresses =
        Arrays.stream(url.split(","))
            .map(String::strip)
            .map(HttpSchemaRegistry::withoutTrailingSlash)
            .toList();
    if (!HttpAddress.isValid(url)) {
      throw new ConfigException(
          "registry.url", "is no address; expected one such as http://127.0.0.1:8081");
    }
    this.authorization =
        userInfo == null
            ? null
            : "Basic "
                + Base64.getEncoder().encodeToString(userInfo.getBytes(StandardCharsets.UTF_8));
    this.firstPause = firstPause;
  }

  /**
   * The registry that a configuration names.
   *
   * @throws ConfigException when it names none
   */
  public static HttpSchemaRegistry of(RegistryConfig config) {
    String url = config.url();
    if (url == null) {
      throw new ConfigException(
          "registry.url", "is missing; expected the address of a schema registry");
    }
    return new HttpSchemaRegistry(url, config.userInfo());
  }

  @Override
  public int register(String subject, Schema schema) {
    return id(ask("POST", "/subjects/" + encoded(subject) + "/versions", body(schema)));
  }

  @Override
  public int lookup(String subject, Schema schema) {
    return id(ask("POST", "/subjects/" + encoded(subject), body(schema)));
  }

  @Override
  public Schema byId(int id) {
    JsonNode schema = ask("GET", "/schemas/ids/" + id, null).path("schema");
    try {
      return new Schema.Parser().parse(schema.asText());
    } catch (AvroRuntimeException e) {
      throw new RegistryException("schema id " + id + " is no Avro schema", e);
    }
  }

  @Override
  public void close() {
    HttpClient made;
    synchronized (this) {
      made = client;
    }
    if (made != null) {
      made.close();
    }
  }

  private synchronized HttpClient client() {
    if (client == null) {
      client =
          HttpClient.newBuilder()
              .version(HttpClient.Version.HTTP_1_1)
              .connectTimeout(CONNECT_TIMEOUT)
              .build();
    }
    return client;
  }

  private JsonNode ask(String method, String path, @Nullable String body) {
    RegistryException last = null;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (attempt > 0) {
        pause(firstPause.multipliedBy(1L << (attempt - 1)));
      }
      try {
        return once(method, addresses.get(attempt % addresses.size()) + path, body);
      } catch (RegistryException e) {
        if (!e.retriable()) {
          throw e;
        }
        last = e;
      }
    }
    throw last == null ? new IllegalStateException("no attempt was made") : last;
  }

  private JsonNode once(String method, String url, @Nullable String body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url))
            .timeout(REQUEST_TIMEOUT)
            .header("Accept", MEDIA_TYPE + ", application/json")
            .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (body != null) {
      request.header("Content-Type", MEDIA_TYPE);
    }
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    HttpResponse<String> response;
    try {
      response = client().send(request.build(), BodyHandlers.ofString());
    } catch (IOException e) {
      throw RegistryException.unavailable("schema registry cannot be reached: " + url, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw RegistryException.unavailable("interrupted while asking the schema registry", e);
    }
    JsonNode answer = parsed(response.body());
    int status = response.statusCode();
    if (status >= 200 && status < 300 && answer != null) {
      return answer;
    }
    String problem =
        "schema registry answered "
            + status
            + " to "
            + method
            + " "
            + url
            + (answer == null ? " (no JSON)" : "")
            + (answer != null && answer.path("message").isTextual()
                ? ": " + answer.path("message").asText()
                : "");
    throw status >= 500 || status == 429
        ? RegistryException.unavailable(problem, null)
        : new RegistryException(problem);
  }

  private static void pause(Duration pause) {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw RegistryException.unavailable("interrupted while asking the schema registry", e);
    }
  }

  private static @Nullable JsonNode parsed(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      return null;
    }
  }

  private static int id(JsonNode answer) {
    JsonNode id = answer.path("id");
    if (!id.isInt()) {
      throw new RegistryException("schema registry answered without an id");
    }
    return id.intValue();
  }

  private static String body(Schema schema) {
    return JSON.createObjectNode().put("schema", schema.toString()).toString();
  }

  private static String encoded(String subject) {
    return URLEncoder.encode(subject, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static String withoutTrailingSlash(String address) {
    return address.endsWith("/") ? address.substring(0, address.length() - 1) : address;
  }
}
