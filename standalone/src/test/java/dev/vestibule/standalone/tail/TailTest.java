package dev.vestibule.standalone.tail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.vestibule.contract.Topics;
import dev.vestibule.serde.GenericAvroDeserializer;
import dev.vestibule.serde.InMemorySchemaRegistry;
import dev.vestibule.standalone.broker.EmbeddedBroker;
import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TailTest {
  private static final Instant START = Instant.parse("2026-03-01T08:00:00.123Z");

  private final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
  private final ObjectMapper json = new ObjectMapper();
  private EmbeddedBroker broker;
  private Map<String, Object> kafka;
  private KafkaProducer<byte[], byte[]> producer;
  private String topic;
  private int sent;

  @BeforeAll
  void startBroker(@TempDir Path dir) {
    broker = EmbeddedBroker.start(dir, 0);
    kafka = Map.of("bootstrap.servers", broker.bootstrap());
    producer = new KafkaProducer<>(kafka, new ByteArraySerializer(), new ByteArraySerializer());
  }

  @BeforeEach
  void createTopic(TestInfo test) throws Exception {
    topic = test.getTestMethod().orElseThrow().getName();
    sent = 0;
    create(topic, 2);
  }

  @AfterAll
  void stopBroker() {
    producer.close();
    broker.close();
  }

  @Test
  void aJsonBodyStaysJsonOnOneLine() throws Exception {
    send(
        0,
        "visit:1",
        "{ \"name\": \"Zoë\u2028\",\n \"n\": 12345678901234567890.10, \"n\": 1e400 }");

    List<String> lines = tail(all());

    assertThat(lines)
        .containsExactly(
            "{\"key\":\"visit:1\",\"partition\":0,\"offset\":0,"
                + "\"timestamp\":\"2026-03-01T08:00:00.123000Z\",\"headers\":{\"path\":\"second\"},"
                + "\"value\":{\"name\":\"Zoë\\u2028\",\"n\":12345678901234567890.10,\"n\":1e400}}");
  }

  @Test
  void avroBecomesPlainJson() throws Exception {
    Schema schema =
        SchemaBuilder.record("Visit")
            .fields()
            .requiredString("id")
            .optionalString("badge")
            .requiredBytes("sealed")
            .endRecord();
    GenericRecord visit =
        new GenericRecordBuilder(schema)
            .set("id", "v-1")
            .set("badge", null)
            .set("sealed", ByteBuffer.wrap(new byte[] {1, 2}))
            .build();
    send(0, null, avro(schema, visit));

    assertThat(only(tail(all())).get("value"))
        .isEqualTo(json.readTree("{\"id\":\"v-1\",\"badge\":null,\"sealed\":\"AQI=\"}"));
  }

  @Test
  void otherBytesAreBase64() throws Exception {
    List<byte[]> values =
        List.of(
            new byte[] {(byte) 0xff, 1},
            new byte[] {0, 0, 0, 0, 99, 1},
            new byte[0],
            "plain text".getBytes(StandardCharsets.UTF_8),
            "{} {}".getBytes(StandardCharsets.UTF_8),
            "{\"cut\":".getBytes(StandardCharsets.UTF_8));
    for (byte[] value : values) {
      send(0, null, value);
    }

    assertThat(tail(all()))
        .extracting(line -> Base64.getDecoder().decode(json.readTree(line).get("value").asText()))
        .containsExactlyElementsOf(values);
  }

  @Test
  void aRawBodyThatBeginsWithZeroIsNoAvro() throws Exception {
    create(Topics.RAW_PREFIX + "envoy", 1);
    Schema schema = SchemaBuilder.record("Any").fields().requiredString("id").endRecord();
    byte[] body = avro(schema, new GenericRecordBuilder(schema).set("id", "x").build());
    producer.send(new ProducerRecord<>(Topics.RAW_PREFIX + "envoy", body)).get();

    Tail tail = new Tail(Topics.RAW_PREFIX + "envoy", true, false, Long.MAX_VALUE);

    assertThat(only(tail(tail)).get("value").asText())
        .isEqualTo(Base64.getEncoder().encodeToString(body));
  }

  @Test
  void rawPrintsEveryValueAsBase64() throws Exception {
    send(0, "k", "{}");

    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (PrintWriter writer = new PrintWriter(out, false, StandardCharsets.UTF_8)) {
      all().print(kafka, null, writer);
    }

    assertThat(json.readTree(out.toByteArray()).get("value").asText()).isEqualTo("e30=");
  }

  @Test
  void absentKeysAndValuesAreNullAndUnreadableKeysBase64() throws Exception {
    send(0, null, (byte @Nullable []) null);
    producer.send(new ProducerRecord<>(topic, 1, new byte[] {(byte) 0xff}, null)).get();

    List<String> lines = tail(all());

    assertThat(lines)
        .extracting(line -> json.readTree(line).get("key").asText())
        .containsExactly("null", "/w==");
    assertThat(lines).allSatisfy(line -> assertThat(line).endsWith("\"value\":null}"));
  }

  @Test
  void anEmptyTopicPrintsNothing() throws Exception {
    assertThat(tail(all())).isEmpty();
    assertThat(tail(new Tail(topic, false, false, Long.MAX_VALUE))).isEmpty();
  }

  @Test
  void anUnknownTopicIsSaid() {
    Tail tail = new Tail("nowhere", true, false, Long.MAX_VALUE);

    assertThatThrownBy(() -> tail(tail))
        .isInstanceOf(NoSuchTopicException.class)
        .hasMessage("topic nowhere does not exist");
  }

  @Test
  void withoutFromBeginningTheLastTenOfEachPartitionCome() throws Exception {
    IntStream.range(0, 25).forEach(n -> send(n % 2, null, Integer.toString(n)));

    assertThat(values(tail(new Tail(topic, false, false, Long.MAX_VALUE))))
        .containsExactlyElementsOf(IntStream.range(5, 25).boxed().toList());
  }

  @Test
  void theLastTenAreFoundBehindTransactionMarkersAndAbortedRecords() throws Exception {
    // Given: every record leaves a marker behind it, and the end is an aborted transaction
    Map<String, Object> settings =
        Map.of("bootstrap.servers", broker.bootstrap(), "transactional.id", topic);
    try (KafkaProducer<byte[], byte[]> transactional =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      transactional.initTransactions();
      for (int n = 0; n < 15; n++) {
        transactional.beginTransaction();
        sendIn(transactional, record(0, null, Integer.toString(n)));
        transactional.commitTransaction();
      }
      transactional.beginTransaction();
      for (int n = 100; n < 140; n++) {
        sendIn(transactional, record(0, null, Integer.toString(n)));
      }
      transactional.flush();
      transactional.abortTransaction();
    }

    // When
    List<Integer> last = values(tail(new Tail(topic, false, false, Long.MAX_VALUE)));
    List<Integer> everything = values(tail(all()));

    // Then
    assertThat(last).containsExactlyElementsOf(IntStream.range(5, 15).boxed().toList());
    assertThat(everything).containsExactlyElementsOf(IntStream.range(0, 15).boxed().toList());
  }

  @Test
  void anOpenTransactionIsNeitherShownNorWaitedFor() throws Exception {
    send(0, null, "1");
    Map<String, Object> settings =
        Map.of("bootstrap.servers", broker.bootstrap(), "transactional.id", topic);
    try (KafkaProducer<byte[], byte[]> transactional =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      transactional.initTransactions();
      transactional.beginTransaction();
      sendIn(transactional, record(0, null, "2"));
      transactional.flush();

      assertThat(values(tail(all()))).containsExactly(1);

      transactional.abortTransaction();
    }
  }

  @Test
  void maxEndsEarly() throws Exception {
    IntStream.range(0, 8).forEach(n -> send(n % 2, null, Integer.toString(n)));

    assertThat(values(tail(new Tail(topic, true, false, 3)))).containsExactly(0, 1, 2);
    assertThat(values(tail(new Tail(topic, false, false, 3)))).containsExactly(5, 6, 7);
  }

  @Test
  void followGoesOnWithWhatArrives() throws Exception {
    // Given
    send(0, null, "0");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintWriter stream = new PrintWriter(out, true, StandardCharsets.UTF_8);
    Thread following =
        Thread.ofVirtual()
            .start(() -> new Tail(topic, false, true, 3).print(kafka, avro(), stream));
    await().untilAsserted(() -> assertThat(lines(out)).hasSize(1));

    // When
    send(1, null, "1");
    send(0, null, "2");

    // Then
    assertThat(following.join(Duration.ofSeconds(20))).isTrue();
    assertThat(values(lines(out))).containsExactlyInAnyOrder(0, 1, 2);
  }

  private Tail all() {
    return new Tail(topic, true, false, Long.MAX_VALUE);
  }

  private List<String> tail(Tail tail) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintWriter stream = new PrintWriter(out, false, StandardCharsets.UTF_8);
    tail.print(kafka, avro(), stream);
    stream.flush();
    return lines(out);
  }

  private GenericAvroDeserializer avro() {
    return new GenericAvroDeserializer(registry);
  }

  private static List<String> lines(ByteArrayOutputStream out) {
    return out.toString(StandardCharsets.UTF_8).lines().toList();
  }

  private JsonNode only(List<String> lines) throws Exception {
    assertThat(lines).hasSize(1);
    return json.readTree(lines.getFirst());
  }

  private List<Integer> values(List<String> lines) throws Exception {
    return json
        .readerForListOf(JsonNode.class)
        .<List<JsonNode>>readValue("[" + String.join(",", lines) + "]")
        .stream()
        .map(line -> line.get("value").asInt())
        .toList();
  }

  private void create(String name, int partitions) throws Exception {
    try (Admin admin = Admin.create(kafka)) {
      admin.createTopics(List.of(new NewTopic(name, partitions, (short) 1))).all().get();
      await()
          .ignoreExceptions()
          .untilAsserted(() ->
              assertThat(admin.describeTopics(List.of(name)).allTopicNames().get())
                  .containsKey(name));
    }
  }

  /** Inside a transaction the commit or the flush tells about failures. */
  private static void sendIn(
      KafkaProducer<byte[], byte[]> transactional, ProducerRecord<byte[], byte[]> record) {
    var _ = transactional.send(record);
  }

  private void send(int partition, @Nullable String key, String value) {
    send(partition, key, value.getBytes(StandardCharsets.UTF_8));
  }

  private void send(int partition, @Nullable String key, byte @Nullable [] value) {
    try {
      producer.send(record(partition, key, value)).get();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private ProducerRecord<byte[], byte[]> record(int partition, @Nullable String key, String value) {
    return record(partition, key, value.getBytes(StandardCharsets.UTF_8));
  }

  private ProducerRecord<byte[], byte[]> record(
      int partition, @Nullable String key, byte @Nullable [] value) {
    byte[] keyBytes = key == null ? null : key.getBytes(StandardCharsets.UTF_8);
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(topic, partition, START.toEpochMilli() + sent++, keyBytes, value);
    record.headers().add("path", "first".getBytes(StandardCharsets.UTF_8));
    record.headers().add("path", "second".getBytes(StandardCharsets.UTF_8));
    return record;
  }

  private byte[] avro(Schema schema, GenericRecord record) throws Exception {
    int id = registry.register(topic + "-value", schema);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(0);
    out.write(ByteBuffer.allocate(4).putInt(id).array());
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
    new GenericDatumWriter<GenericRecord>(schema).write(record, encoder);
    return out.toByteArray();
  }
}
