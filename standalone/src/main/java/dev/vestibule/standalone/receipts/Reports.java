package dev.vestibule.standalone.receipts;

import dev.vestibule.events.ConflictReport;
import dev.vestibule.events.DeadLetter;
import dev.vestibule.events.DuplicateReport;
import dev.vestibule.serde.AvroDeserializer;
import dev.vestibule.serde.RegistryException;
import dev.vestibule.serde.SchemaRegistry;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.avro.Schema;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;

/** Reads the reports that need it; one that cannot be read is empty, and nothing fails for it. */
final class Reports {
  private final Deserializer<DeadLetter> deadLetters;
  private final Deserializer<DuplicateReport> duplicates;
  private final Deserializer<ConflictReport> conflicts;

  /** For one look-up. */
  Reports(SchemaRegistry registry) {
    SchemaRegistry impatient = new Impatient(registry);
    this.deadLetters = new AvroDeserializer<>(DeadLetter.class, impatient);
    this.duplicates = new AvroDeserializer<>(DuplicateReport.class, impatient);
    this.conflicts = new AvroDeserializer<>(ConflictReport.class, impatient);
  }

  Optional<DeadLetter> deadLetter(ConsumerRecord<byte[], byte[]> record) {
    return read(deadLetters, record);
  }

  Optional<DuplicateReport> duplicate(ConsumerRecord<byte[], byte[]> record) {
    return read(duplicates, record);
  }

  Optional<ConflictReport> conflict(ConsumerRecord<byte[], byte[]> record) {
    return read(conflicts, record);
  }

  private static <T> Optional<T> read(
      Deserializer<T> deserializer, ConsumerRecord<byte[], byte[]> record) {
    try {
      return Optional.ofNullable(deserializer.deserialize(record.topic(), record.value()));
    } catch (SerializationException | RegistryException e) {
      return Optional.empty();
    }
  }

  /** A registry that is silent must not keep the answer back: it is asked once, for a second. */
  private static final class Impatient implements SchemaRegistry {
    private final SchemaRegistry registry;
    private boolean silent;

    Impatient(SchemaRegistry registry) {
      this.registry = registry;
    }

    @Override
    public Schema byId(int id) {
      if (silent) {
        throw new RegistryException("the schema registry did not answer");
      }
      FutureTask<Schema> answer = new FutureTask<>(() -> registry.byId(id));
      Thread thread = Thread.ofVirtual().name("receipts-schema").start(answer);
      try {
        return answer.get(1, TimeUnit.SECONDS);
      } catch (TimeoutException | ExecutionException e) {
        thread.interrupt();
        silent = true;
        throw new RegistryException("the schema registry did not answer");
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new RegistryException("interrupted");
      }
    }

    @Override
    public int register(String subject, Schema schema) {
      throw new UnsupportedOperationException("reads only");
    }

    @Override
    public int lookup(String subject, Schema schema) {
      throw new UnsupportedOperationException("reads only");
    }
  }
}
