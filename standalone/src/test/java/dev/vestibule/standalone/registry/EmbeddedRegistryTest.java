package dev.vestibule.standalone.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.vestibule.events.DeadLetter;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.serde.HttpSchemaRegistry;
import dev.vestibule.serde.RegistryException;
import dev.vestibule.standalone.broker.EmbeddedBroker;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Map;
import org.apache.avro.Schema;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** One broker for all tests; each leaves behind what the next does not mind. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class EmbeddedRegistryTest {
  private Path data;
  private EmbeddedBroker broker;

  @BeforeAll
  void startBroker(@TempDir Path folder) {
    data = folder;
    broker = EmbeddedBroker.start(data, 0);
  }

  @AfterAll
  void stopBroker() {
    broker.close();
  }

  @Test
  @Order(1)
  void clusterWithoutRegistryTellsNone() {
    assertThat(EmbeddedRegistry.discover(kafka())).isEmpty();
  }

  @Test
  void schemasAndIdsSurviveARestartOfRegistryAndBroker() {
    int event;
    int letter;
    try (EmbeddedRegistry registry = EmbeddedRegistry.start(kafka(), "127.0.0.1", 0);
        HttpSchemaRegistry client = new HttpSchemaRegistry(registry.url(), null)) {
      event = client.register("visitor.events-value", VisitorEvent.getClassSchema());
      letter = client.register("visitor.dead-letters-value", DeadLetter.getClassSchema());
    }
    broker.close();
    broker = EmbeddedBroker.start(data, 0);

    try (EmbeddedRegistry registry = EmbeddedRegistry.start(kafka(), "127.0.0.1", 0);
        HttpSchemaRegistry client = new HttpSchemaRegistry(registry.url(), null)) {
      assertThat(client.byId(event)).isEqualTo(VisitorEvent.getClassSchema());
      assertThat(client.byId(letter)).isEqualTo(DeadLetter.getClassSchema());
      assertThat(client.lookup("visitor.events-value", VisitorEvent.getClassSchema()))
          .isEqualTo(event);
      assertThat(client.register("visitor.normalized-value", VisitorEvent.getClassSchema()))
          .isEqualTo(event);
    }
  }

  @Test
  void clusterTellsWhereTheRegistryListensNow() {
    try (EmbeddedRegistry first = EmbeddedRegistry.start(kafka(), "127.0.0.1", 0)) {
      assertThat(EmbeddedRegistry.discover(kafka())).contains(first.url());
    }
    try (EmbeddedRegistry second = EmbeddedRegistry.start(kafka(), "127.0.0.1", 0)) {
      assertThat(EmbeddedRegistry.discover(kafka())).contains(second.url());
    }
  }

  @Test
  void defaultLevelIsFullTransitive() throws Exception {
    try (EmbeddedRegistry registry = EmbeddedRegistry.start(kafka(), "127.0.0.1", 0)) {
      assertThat(get(registry.url() + "/config").body())
          .isEqualTo("{\"compatibilityLevel\":\"FULL_TRANSITIVE\"}");
      assertThat(get(registry.url() + "/config/some-value").statusCode()).isEqualTo(404);
      assertThat(get(registry.url() + "/config/some-value?defaultToGlobal=true").statusCode())
          .isEqualTo(200);
    }
  }

  @Test
  void unknownRoutesAndMethodsAreAnswered() throws Exception {
    try (EmbeddedRegistry registry = EmbeddedRegistry.start(kafka(), "127.0.0.1", 0)) {
      assertThat(get(registry.url() + "/no/such/route").statusCode()).isEqualTo(404);
      assertThat(get(registry.url() + "/subjects/a/versions/0").body()).contains("40401");
      assertThat(get(registry.url() + "/schemas/ids/x").statusCode()).isEqualTo(404);
      assertThat(get(registry.url() + "/subjects/a").statusCode()).isEqualTo(405);
    }
  }

  @Test
  void incompatibleSchemaIsRefusedForGood() {
    Schema number = Schema.create(Schema.Type.INT);
    try (EmbeddedRegistry registry = EmbeddedRegistry.start(kafka(), "127.0.0.1", 0);
        HttpSchemaRegistry client = new HttpSchemaRegistry(registry.url(), null)) {
      client.register("numbers-value", Schema.create(Schema.Type.STRING));

      assertThatExceptionOfType(RegistryException.class)
          .isThrownBy(() -> client.register("numbers-value", number))
          .withMessageContaining("answered 409")
          .satisfies(refused -> assertThat(refused.retriable()).isFalse());
    }
  }

  @Test
  void takenPortIsNamed() {
    try (EmbeddedRegistry registry = EmbeddedRegistry.start(kafka(), "127.0.0.1", 0)) {
      int port = URI.create(registry.url()).getPort();

      assertThatExceptionOfType(UncheckedIOException.class)
          .isThrownBy(() -> EmbeddedRegistry.start(kafka(), "127.0.0.1", port))
          .withMessage("the schema registry cannot listen on 127.0.0.1:" + port);
    }
  }

  private Map<String, Object> kafka() {
    return Map.of("bootstrap.servers", broker.bootstrap());
  }

  private static HttpResponse<String> get(String url) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString());
    }
  }
}
