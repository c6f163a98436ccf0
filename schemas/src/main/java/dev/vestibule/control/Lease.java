package dev.vestibule.control;

import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Topics;
import dev.vestibule.control.ControlState.Entry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The permission to write of a writer that is in no consumer group. It says in the control topic
 * that it is there before it writes, says which pause it has carried out, and loses the permission
 * by itself when it can no longer read its orders: then nobody needs to hear from it.
 */
public final class Lease implements ControlFollower.Writer, AutoCloseable {
  /** When a reading began longer ago than this, it permits nothing any more. */
  public static final Duration LENGTH = Duration.ofSeconds(5);

  private static final Duration SEND_WITHIN = Duration.ofSeconds(3);

  private final ControlFollower.Writer writer;
  private final Producer<byte[], byte[]> producer;
  private final String topic;
  private final String name;
  private final WriterKind kind;
  private volatile long readAtNanos;
  private volatile boolean granted;
  private boolean signed;

  /**
   * @param kafka the installation's client settings
   * @param writer is paused and resumed
   */
  public Lease(
      Map<String, ?> kafka, TopicNames names, WriterKind kind, ControlFollower.Writer writer) {
    this.writer = writer;
    this.topic = names.of(Topics.CONTROL);
    this.kind = kind;
    this.name = kind.id() + "/" + UUID.randomUUID();
    this.producer =
        new KafkaProducer<>(settings(kafka), new ByteArraySerializer(), new ByteArraySerializer());
  }

  private static Map<String, Object> settings(Map<String, ?> kafka) {
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.keySet().retainAll(ProducerConfig.configNames());
    settings.put(ProducerConfig.CLIENT_ID_CONFIG, "vestibule-control");
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 1 << 20);
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, SEND_WITHIN.toMillis());
    settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 1500);
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) SEND_WITHIN.toMillis());
    settings.remove(ProducerConfig.TRANSACTIONAL_ID_CONFIG);
    return settings;
  }

  /** Whether the writer may write at this moment, as far as nobody has paused it. */
  public boolean valid() {
    return granted && System.nanoTime() - readAtNanos < LENGTH.toNanos();
  }

  @Override
  public void obey(Orders orders) {
    writer.obey(orders);
  }

  @Override
  public void current(ControlState state, long readAt) {
    if (state.exists() && !(signed && state.writers().containsKey(name))) {
      // Only a reading that begins after this may permit anything.
      sign(state);
      signed = true;
      return;
    }
    if (state.orders(kind).pause() != null) {
      sign(state);
    }
    readAtNanos = readAt;
    granted = true;
  }

  private void sign(ControlState state) {
    Pause pause = state.orders(kind).pause();
    send(Entry.writer(name, pause == null ? "" : pause.id()));
  }

  private void send(Entry entry) {
    try {
      producer
          .send(
              new ProducerRecord<>(
                  topic, entry.key().getBytes(StandardCharsets.UTF_8), entry.value()))
          .get(SEND_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new KafkaException("no sign could be given in the control topic", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("interrupted", e);
    }
  }

  /** Says good-bye, if anybody listens. */
  @Override
  public void close() {
    granted = false;
    try {
      if (signed) {
        send(Entry.gone(name));
      }
    } catch (KafkaException e) {
      // Whoever waits for a sign of it will wait a little longer.
    }
    producer.close(Duration.ZERO);
  }

  /** Whether a name is that of such a writer, in {@link ControlState#writers()}. */
  public static boolean isOf(WriterKind kind, String name) {
    return name.startsWith(kind.id() + "/");
  }
}
