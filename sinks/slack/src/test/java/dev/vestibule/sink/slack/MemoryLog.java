package dev.vestibule.sink.slack;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.vestibule.sink.slack.click.Question;
import dev.vestibule.sink.slack.click.Question.Given;
import dev.vestibule.sink.slack.message.MessageState;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/** States in memory, which are durable when a test says so. Outlives the desks that write to it. */
final class MemoryLog implements Desk.Log {
  private static final String STATES = "states";
  private static final String REVIEWS = "reviews";

  private final StateFormat format;
  private final TreeMap<String, byte[]> durable = new TreeMap<>();
  private final List<List<String>> writes = new ArrayList<>();
  private final List<String> reviews = new ArrayList<>();
  private final Deque<Write> held = new ArrayDeque<>();
  private boolean holding;
  private boolean failing;
  private @Nullable RuntimeException noReview;
  private @Nullable KafkaException failure;

  private record Write(
      List<ProducerRecord<byte[], byte[]>> records, CompletableFuture<@Nullable Void> done) {}

  MemoryLog(StateFormat format) {
    this.format = format;
  }

  @Override
  public ProducerRecord<byte[], byte[]> record(String key, byte @Nullable [] value) {
    return new ProducerRecord<>(STATES, key.getBytes(UTF_8), value);
  }

  @Override
  public synchronized ProducerRecord<byte[], byte[]> review(Question question, Given given) {
    if (noReview != null) {
      throw noReview;
    }
    String text = (given.approved() ? "approved " : "denied ") + question.visit();
    return new ProducerRecord<>(
        REVIEWS, question.visit().getBytes(UTF_8), (text + " by " + given.by()).getBytes(UTF_8));
  }

  @Override
  public synchronized CompletableFuture<@Nullable Void> write(
      List<ProducerRecord<byte[], byte[]>> records) {
    Write write = new Write(records, new CompletableFuture<>());
    if (failing || failure != null) {
      failure = new KafkaException("no broker");
      write.done().completeExceptionally(failure);
    } else {
      held.add(write);
      if (!holding) {
        release();
      }
    }
    return write.done();
  }

  /** What is written from now on is not durable yet. */
  synchronized void hold() {
    holding = true;
  }

  /** Everything written so far is durable, and what follows at once. */
  synchronized void release() {
    holding = false;
    while (!held.isEmpty()) {
      releaseOne();
    }
  }

  /** The oldest write is durable. */
  synchronized void releaseOne() {
    Write write = held.remove();
    List<String> keys = new ArrayList<>();
    for (ProducerRecord<byte[], byte[]> record : write.records()) {
      String key = new String(record.key(), UTF_8);
      if (record.topic().equals(REVIEWS)) {
        reviews.add(new String(record.value(), UTF_8));
        keys.add("review/" + key);
      } else if (record.value() == null) {
        durable.remove(key);
        keys.add(key);
      } else {
        durable.put(key, record.value());
        keys.add(key);
      }
    }
    writes.add(keys);
    write.done().complete(null);
  }

  synchronized int held() {
    return held.size();
  }

  /** Nothing is taken any more; what is held is lost. */
  synchronized void fail() {
    failing = true;
    for (Write write : held) {
      failure = new KafkaException("no broker");
      write.done().completeExceptionally(failure);
    }
    held.clear();
  }

  /** What another process finds, which this one cannot change any more. */
  synchronized MemoryLog copy() {
    MemoryLog copy = new MemoryLog(format);
    copy.durable.putAll(durable);
    return copy;
  }

  /** As another process finds it. */
  synchronized void again() {
    holding = false;
    failing = false;
    failure = null;
  }

  /** Whether reviews cannot be made, as where no schema is to be had. */
  synchronized void noReviews(@Nullable RuntimeException reason) {
    noReview = reason;
  }

  synchronized List<String> reviews() {
    return List.copyOf(reviews);
  }

  /** Keys of each write, in order. */
  synchronized List<List<String>> writes() {
    return List.copyOf(writes);
  }

  synchronized Collection<MessageState> messages() {
    return durable.tailMap(Desk.MESSAGE).entrySet().stream()
        .filter(entry -> entry.getKey().startsWith(Desk.MESSAGE))
        .map(entry -> format.message(entry.getValue()))
        .toList();
  }

  synchronized Collection<Question> questions() {
    return durable.tailMap(Desk.QUESTION).entrySet().stream()
        .filter(entry -> entry.getKey().startsWith(Desk.QUESTION))
        .map(entry -> format.question(entry.getValue()))
        .toList();
  }

  synchronized @Nullable MessageState message(String key) {
    byte[] value = durable.get(Desk.MESSAGE + key);
    return value == null ? null : format.message(value);
  }

  @Override
  public synchronized @Nullable KafkaException failure() {
    return failure;
  }

  @Override
  public void close() {
    // It goes on with the next desk.
  }
}
