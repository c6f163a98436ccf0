package dev.vestibule.e2e.registry;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vestibule.config.RegistryConfig;
import dev.vestibule.e2e.registry.RegistryClient.Answer;
import dev.vestibule.events.Position;
import dev.vestibule.serde.AvroDeserializer;
import dev.vestibule.serde.AvroSerializer;
import dev.vestibule.serde.HttpSchemaRegistry;
import dev.vestibule.serde.RegistryException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What every registry that we speak to must do. Each test uses subjects of its own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class RegistryContract {
  private static final String GENUINE = "io.confluent.kafka.serializers.";

  private final AtomicInteger counter = new AtomicInteger();
  private String url = "";
  private RegistryClient client;
  private HttpSchemaRegistry registry;

  /** Starts the registry and returns its base address. */
  abstract String start() throws Exception;

  @BeforeAll
  void connect() throws Exception {
    url = start();
    client = new RegistryClient(url);
    registry = new HttpSchemaRegistry(url, null);
  }

  @AfterAll
  void disconnect() {
    client.close();
    registry.close();
  }

  @Test
  void sameSchemaAgainHasTheSameId() {
    String subject = newSubject();

    int id = register(subject, schema("a"));

    assertThat(register(subject, schema("a"))).isEqualTo(id);
    assertThat(client.get("/subjects/" + subject + "/versions").json()).hasToString("[1]");
  }

  @Test
  void sameSchemaUnderAnotherSubjectHasTheSameId() {
    String schema = schema("shared" + counter.incrementAndGet());

    assertThat(register(newSubject(), schema)).isEqualTo(register(newSubject(), schema));
  }

  @Test
  void anotherSchemaHasAnotherId() {
    assertThat(register(newSubject(), schema("one")))
        .isNotEqualTo(register(newSubject(), schema("two")));
  }

  @Test
  void schemaIsFoundById() throws Exception {
    String schema = schema("b");
    int id = register(newSubject(), schema);

    Answer found = client.get("/schemas/ids/" + id);

    assertThat(found.status()).isEqualTo(200);
    assertThat(RegistryClient.JSON.readTree(found.json().path("schema").asText()))
        .isEqualTo(RegistryClient.JSON.readTree(schema));
  }

  @Test
  void lookupFindsWhatIsThere() {
    String subject = newSubject();
    int id = register(subject, schema("c"));

    Answer found = client.post("/subjects/" + subject, schema("c"));

    assertThat(found.status()).isEqualTo(200);
    assertThat(found.json().path("subject").asText()).isEqualTo(subject);
    assertThat(found.json().path("id").asInt()).isEqualTo(id);
    assertThat(found.json().path("version").asInt()).isEqualTo(1);
  }

  @Test
  void lookupInAnUnknownSubjectIs40401() {
    Answer answer = client.post("/subjects/" + newSubject(), schema("c"));

    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.code()).isEqualTo(40401);
  }

  @Test
  void lookupOfAnotherSchemaIs40403() {
    String subject = newSubject();
    register(subject, schema("c"));

    Answer answer = client.post("/subjects/" + subject, schema("d"));

    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.code()).isEqualTo(40403);
  }

  @Test
  void unknownIdIs40403() {
    Answer answer = client.get("/schemas/ids/999999");

    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.code()).isEqualTo(40403);
  }

  @Test
  void versionsAreCountedAndLatestIsTheLast() {
    String subject = newSubject();
    level(subject, "BACKWARD");
    int first = register(subject, schema("e"));
    int second = register(subject, schema("e", "f"));

    assertThat(client.get("/subjects/" + subject + "/versions").json()).hasToString("[1,2]");
    assertThat(version(subject, "1").path("id").asInt()).isEqualTo(first);
    assertThat(version(subject, "2").path("id").asInt()).isEqualTo(second);
    JsonNode latest = version(subject, "latest");
    assertThat(latest.path("id").asInt()).isEqualTo(second);
    assertThat(latest.path("version").asInt()).isEqualTo(2);
    assertThat(latest.path("subject").asText()).isEqualTo(subject);
  }

  @Test
  void versionsOfAnUnknownSubjectAre40401() {
    Answer answer = client.get("/subjects/" + newSubject() + "/versions/latest");

    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.code()).isEqualTo(40401);
  }

  @Test
  void unknownVersionIs40402() {
    String subject = newSubject();
    register(subject, schema("g"));

    Answer answer = client.get("/subjects/" + subject + "/versions/7");

    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.code()).isEqualTo(40402);
  }

  @Test
  void subjectsAreListed() {
    String subject = newSubject();
    register(subject, schema("h"));

    assertThat(client.get("/subjects").json()).extracting(JsonNode::asText).contains(subject);
  }

  @ParameterizedTest
  @CsvSource({"BACKWARD", "FORWARD", "FULL", "FULL_TRANSITIVE"})
  void incompatibleSchemaIs409(String level) {
    String subject = newSubject();
    level(subject, level);
    register(subject, schema("i"));
    String incompatible = schema("i").replace("\"string\"", "\"int\"");

    Answer answer = client.post("/subjects/" + subject + "/versions", incompatible);

    assertThat(answer.status()).isEqualTo(409);
    assertThat(client.get("/subjects/" + subject + "/versions").json()).hasToString("[1]");
  }

  @Test
  void levelIsKept() {
    String subject = newSubject();
    register(subject, schema("j"));
    level(subject, "FORWARD_TRANSITIVE");

    assertThat(client.get("/config/" + subject).json().path("compatibilityLevel").asText())
        .isEqualTo("FORWARD_TRANSITIVE");
  }

  @Test
  void unknownLevelIs42203() {
    Answer answer = client.put("/config/" + newSubject(), "{\"compatibility\":\"SOMEHOW\"}");

    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.code()).isEqualTo(42203);
  }

  @Test
  void compatibilityIsTold() {
    String subject = newSubject();
    level(subject, "FULL");
    register(subject, schema("k"));
    String path = "/compatibility/subjects/" + subject + "/versions/latest";

    assertThat(client.post(path, schema("k", "l")).json().path("is_compatible").asBoolean())
        .isTrue();
    JsonNode refused = client.post(path, schema("k").replace("\"string\"", "\"int\"")).json();
    assertThat(refused.path("is_compatible").isBoolean()).isTrue();
    assertThat(refused.path("is_compatible").asBoolean()).isFalse();
  }

  @Test
  void brokenSchemaIs42201() {
    Answer answer = client.post("/subjects/" + newSubject() + "/versions", "{\"type\":\"record\"}");

    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.code()).isEqualTo(42201);
  }

  @Test
  void ourSerializerAndDeserializerMeetThere() {
    String topic = newSubject();
    Position record = new Position("visitor.raw.envoy", 3, 99L);
    byte[] bytes = requireNonNull(new AvroSerializer(registry).serialize(topic, record));

    try (HttpSchemaRegistry other = new HttpSchemaRegistry(url, null)) {
      assertThat(new AvroDeserializer<>(Position.class, other).deserialize(topic, bytes))
          .isEqualTo(record);
      assertThat(new AvroSerializer(other, false).serialize(topic, record)).isEqualTo(bytes);
    }
  }

  @Test
  void unknownIdMakesABadRecord() {
    assertThatExceptionOfType(SerializationException.class)
        .isThrownBy(() ->
            new AvroDeserializer<>(Position.class, registry)
                .deserialize("t", new byte[] {0, 0, 15, 66, 63, 1}))
        .withMessageContaining("999999");
  }

  @Test
  void withoutAutoRegistrationAnUnknownSchemaIsRefused() {
    assertThatExceptionOfType(RegistryException.class)
        .isThrownBy(() ->
            new AvroSerializer(registry, false).serialize(newSubject(), new Position("t", 0, 0L)))
        .withMessageContaining("404");
  }

  @Test
  void genuineSerializerAndOursMeetThere() throws Exception {
    String topic = newSubject();
    Position record = new Position("visitor.raw.envoy", 3, 99L);
    try (Serializer<SpecificRecord> genuine =
            AvroSerializer.from(
                Map.of("value.serializer", GENUINE + "KafkaAvroSerializer"),
                new RegistryConfig(url, null, null),
                registry);
        Deserializer<?> reader =
            Class.forName(GENUINE + "KafkaAvroDeserializer")
                .asSubclass(Deserializer.class)
                .getDeclaredConstructor()
                .newInstance()) {
      reader.configure(
          Map.of(AvroSerializer.REGISTRY_URL, url, "specific.avro.reader", true), false);

      byte[] theirs = genuine.serialize(topic, record);

      assertThat(new AvroSerializer(registry).serialize(topic, record)).isEqualTo(theirs);
      assertThat(new AvroDeserializer<>(Position.class, registry).deserialize(topic, theirs))
          .isEqualTo(record);
      assertThat((Object) reader.deserialize(topic, theirs)).isEqualTo(record);
    }
  }

  private String newSubject() {
    return "contract-" + counter.incrementAndGet() + "-value";
  }

  private int register(String subject, String schema) {
    Answer answer = client.post("/subjects/" + subject + "/versions", schema);
    assertThat(answer.status()).as("%s", answer.json()).isEqualTo(200);
    return answer.json().path("id").intValue();
  }

  private void level(String subject, String level) {
    Answer answer = client.put("/config/" + subject, "{\"compatibility\":\"" + level + "\"}");
    assertThat(answer.status()).as("%s", answer.json()).isEqualTo(200);
  }

  private JsonNode version(String subject, String version) {
    Answer answer = client.get("/subjects/" + subject + "/versions/" + version);
    assertThat(answer.status()).as("%s", answer.json()).isEqualTo(200);
    return answer.json();
  }

  /** A record with a required text field and further optional ones. */
  private static String schema(String required, String... optional) {
    StringBuilder fields = new StringBuilder("{'name':'" + required + "','type':'string'}");
    for (String name : optional) {
      fields.append(",{'name':'" + name + "','type':['null','string'],'default':null}");
    }
    return new Schema.Parser()
        .parse("{'type':'record','name':'R','fields':[%s]}".formatted(fields).replace('\'', '"'))
        .toString();
  }
}
