package dev.vestibule.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.net.httpserver.HttpServer;
import dev.vestibule.config.ConfigException;
import dev.vestibule.config.RegistryConfig;
import dev.vestibule.config.Secret;
import dev.vestibule.events.VisitorEvent;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.avro.Schema;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpSchemaRegistryTest {
  private static final Schema TEXT = Schema.create(Schema.Type.STRING);
  private static final Duration PAUSE = Duration.ofMillis(5);

  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final AtomicInteger failures = new AtomicInteger();
  private volatile int failure = 503;
  private volatile String body = "{\"id\":7}";
  private HttpServer server;

  HttpSchemaRegistryTest() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
  }

  @BeforeEach
  void start() {
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            requests.add(
                exchange.getRequestMethod()
                    + " "
                    + exchange.getRequestURI()
                    + " "
                    + exchange.getRequestHeaders().getFirst("Authorization")
                    + " "
                    + exchange.getRequestHeaders().getFirst("Content-Type")
                    + " "
                    + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            int status = failures.getAndDecrement() > 0 ? failure : 200;
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
          }
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void schemaIsRegisteredWithSubjectTypeAndCredentials() {
    RegistryConfig config = new RegistryConfig(url() + "/base/", "user", new Secret("pä:ss"));
    try (HttpSchemaRegistry registry = HttpSchemaRegistry.of(config)) {
      assertThat(registry.register("a b/c-value", TEXT)).isEqualTo(7);
    }

    assertThat(requests)
        .containsExactly(
            "POST /base/subjects/a%20b%2Fc-value/versions Basic dXNlcjpww6Q6c3M="
                + " application/vnd.schemaregistry.v1+json {\"schema\":\"\\\"string\\\"\"}");
  }

  @Test
  void lookupDoesNotRegister() {
    try (HttpSchemaRegistry registry = registry(url())) {
      assertThat(registry.lookup("a-value", TEXT)).isEqualTo(7);
    }

    assertThat(requests).singleElement().asString().startsWith("POST /subjects/a-value null");
  }

  @ParameterizedTest
  @ValueSource(ints = {500, 503, 429})
  void busyRegistryIsAskedAgain(int status) {
    failure = status;
    failures.set(3);

    try (HttpSchemaRegistry registry = registry(url())) {
      assertThat(registry.register("a-value", TEXT)).isEqualTo(7);
    }

    assertThat(requests).hasSize(4);
  }

  @Test
  void registryThatStaysBusyIsGivenUpAsRetriable() {
    failures.set(1_000);

    try (HttpSchemaRegistry registry = registry(url())) {
      assertThatExceptionOfType(RegistryException.class)
          .isThrownBy(() -> registry.register("a-value", TEXT))
          .withMessageContaining("answered 503 to POST " + url() + "/subjects/a-value/versions")
          .satisfies(e -> assertThat(e.retriable()).isTrue());
    }

    assertThat(requests).hasSize(5);
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 404, 409, 422})
  void refusalIsFinalAndTellsWhy(int status) {
    failure = status;
    failures.set(1);
    body = "{\"error_code\":1,\"message\":\"because\"}";

    try (HttpSchemaRegistry registry = registry(url())) {
      assertThatExceptionOfType(RegistryException.class)
          .isThrownBy(() -> registry.register("a-value", TEXT))
          .withMessageContaining("answered " + status)
          .withMessageEndingWith(": because")
          .satisfies(e -> assertThat(e.retriable()).isFalse());
    }

    assertThat(requests).hasSize(1);
  }

  @Test
  void answerWithoutJsonIsNamed() {
    body = "<html>";

    try (HttpSchemaRegistry registry = registry(url())) {
      assertThatExceptionOfType(RegistryException.class)
          .isThrownBy(() -> registry.byId(1))
          .withMessageEndingWith("/schemas/ids/1 (no JSON)");
    }
  }

  @Test
  void nextAddressIsAskedWhenTheFirstIsDown() {
    try (HttpSchemaRegistry registry = registry("http://127.0.0.1:1, " + url())) {
      assertThat(registry.register("a-value", TEXT)).isEqualTo(7);
    }
  }

  /** A consumer that cannot ask must not take its records for broken ones. */
  @Test
  void unreachableRegistryIsNoReasonToDropARecord() {
    String url = url();
    server.stop(0);

    try (HttpSchemaRegistry registry = registry(url)) {
      assertThatExceptionOfType(RegistryException.class)
          .isThrownBy(() ->
              new AvroDeserializer<>(VisitorEvent.class, registry)
                  .deserialize("t", new byte[] {0, 0, 0, 0, 1, 2}))
          .withMessageStartingWith("schema registry cannot be reached: http://127.0.0.1:")
          .satisfies(e -> assertThat(e.retriable()).isTrue());
    }
  }

  @Test
  void serializerConfiguredByKafkaAsksTheRegistry() {
    try (AvroSerializer serializer = new AvroSerializer()) {
      serializer.configure(
          Map.of("schema.registry.url", url(), "basic.auth.user.info", "user:pass"), true);
      byte[] bytes = serializer.serialize("topic", Events.aliceSignsIn());

      assertThat(bytes).startsWith(0, 0, 0, 0, 7);
    }

    assertThat(requests)
        .singleElement()
        .asString()
        .startsWith("POST /subjects/topic-key/versions Basic dXNlcjpwYXNz");
  }

  @Test
  void serializerWithoutAddressIsRefused() {
    try (AvroSerializer serializer = new AvroSerializer()) {
      assertThatExceptionOfType(ConfigException.class)
          .isThrownBy(() -> serializer.configure(Map.of(), false))
          .withMessage(
              "schema.registry.url: is missing; expected the address of a schema registry");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "registry:8081", "ftp://registry", "http://user:pass@registry"})
  void brokenAddressIsRefusedWithoutQuotingIt(String address) {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> registry(address))
        .withMessage("registry.url: is no address; expected one such as http://127.0.0.1:8081");
  }

  private HttpSchemaRegistry registry(String url) {
    return new HttpSchemaRegistry(url, null, PAUSE);
  }

  private String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }
}
