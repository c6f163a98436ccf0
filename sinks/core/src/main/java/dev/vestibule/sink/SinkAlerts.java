package dev.vestibule.sink;

import dev.vestibule.contract.Headers;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.contract.Topics;
import dev.vestibule.events.Alert;
import dev.vestibule.events.AlertSeverity;
import dev.vestibule.serde.AvroSerializer;
import dev.vestibule.service.ServiceContext;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells people what a sink cannot settle itself: a line in the log, a metric and an alert on {@code
 * visitor.alerts}, each matter at most once an hour. Never waits for Kafka: what a sink does must
 * not depend on who is told.
 */
public final class SinkAlerts implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SinkAlerts.class);
  private static final Duration QUIET = Duration.ofHours(1);
  private static final int REMEMBERED = 10_000;
  private static final int GIVE_UP_MS = 30_000;

  private final String sink;
  private final String topic;
  private final IdentityKey identity;
  private final ServiceContext context;
  private final InstantSource clock;
  private final Serializer<SpecificRecord> serializer;
  private final Producer<byte[], byte[]> producer;
  private final Map<String, Instant> raised =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Instant> eldest) {
          return size() > REMEMBERED;
        }
      };

  public SinkAlerts(ServiceContext context, String sink) {
    this.sink = sink;
    this.topic = context.config().topicNames().of(Topics.ALERTS);
    this.identity = context.identity();
    this.context = context;
    this.clock = context.clock();
    this.serializer =
        AvroSerializer.from(
            context.config().kafka(), context.config().registry(), context.registry());
    this.producer =
        new KafkaProducer<>(
            settings(context.config().kafka(), sink),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  private static Map<String, Object> settings(Map<String, String> kafka, String sink) {
    Map<String, Object> settings = new HashMap<>();
    settings.put(ProducerConfig.CLIENT_ID_CONFIG, "vestibule-sink-" + sink + "-alerts");
    settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 1 << 20);
    settings.putAll(kafka);
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 1_000);
    settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, GIVE_UP_MS / 2);
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, GIVE_UP_MS);
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    return settings;
  }

  /**
   * What an alert is about; each part may be unknown.
   *
   * @param visit its key
   * @param site the vendor's id
   */
  public record Subject(
      @Nullable String visit,
      @Nullable String source,
      @Nullable String site,
      @Nullable String eventId) {
    public static final Subject NOBODY = new Subject(null, null, null, null);

    public static Subject visit(String visit) {
      return new Subject(visit, null, null, null);
    }
  }

  /**
   * Raises an alert.
   *
   * @param kind a fixed word
   * @param about the matter, within the sink; the same one again is not raised again soon
   * @param details nothing about a person
   */
  public void raise(
      String kind,
      AlertSeverity severity,
      String about,
      Subject subject,
      Map<String, String> details) {
    Instant now = clock.instant();
    String id = identity.alert(kind, sink, about);
    synchronized (raised) {
      Instant before = raised.get(id);
      if (before != null && now.isBefore(before.plus(QUIET))) {
        return;
      }
      raised.remove(id);
      raised.put(id, now);
    }
    context.meters().counter("vestibule.sink.alerts", "sink", sink, "kind", kind).increment();
    Map<String, String> all = new TreeMap<>(details);
    all.put("sink", sink);
    Alert alert =
        Alert.newBuilder()
            .setAlertId(id)
            .setKind(kind)
            .setSeverity(severity)
            .setSource(subject.source())
            .setVisitKey(subject.visit())
            .setEventId(subject.eventId())
            .setSiteId(subject.site())
            .setOccurredAt(now.truncatedTo(ChronoUnit.MICROS))
            .setRaisedAt(now.truncatedTo(ChronoUnit.MICROS))
            .setDetails(all)
            .build();
    (severity == AlertSeverity.INFO ? LOG.atInfo() : LOG.atWarn())
        .addKeyValue("sink", sink)
        .addKeyValue("kind", kind)
        .addKeyValue("alertId", id)
        .addKeyValue("visit", subject.visit())
        .addKeyValue("eventId", alert.getEventId())
        .addKeyValue("source", alert.getSource())
        .addKeyValue("siteId", alert.getSiteId())
        .addKeyValue("details", details)
        .log("a person should know");
    write(alert, subject.visit() == null ? id : subject.visit());
  }

  private void write(Alert alert, String key) {
    try {
      ProducerRecord<byte[], byte[]> record =
          new ProducerRecord<>(
              topic, key.getBytes(StandardCharsets.UTF_8), serializer.serialize(topic, alert));
      if (alert.getSource() != null) {
        Headers.put(record.headers(), Headers.SOURCE, alert.getSource());
      }
      var _ =
          producer.send(
              record,
              (_, error) -> {
                if (error != null) {
                  lost(alert, error);
                }
              });
    } catch (RuntimeException e) {
      lost(alert, e);
    }
  }

  private static void lost(Alert alert, Exception e) {
    LOG.atError()
        .addKeyValue("alertId", alert.getAlertId())
        .addKeyValue("error", e.getClass().getSimpleName())
        .log("an alert was not written to visitor.alerts");
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(5));
    serializer.close();
  }
}
