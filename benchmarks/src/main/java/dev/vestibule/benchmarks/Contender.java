package dev.vestibule.benchmarks;

import com.michelin.kstreamplify.deduplication.DedupWithPredicateProcessor;
import com.michelin.kstreamplify.error.ProcessingResult;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.contract.DedupeWindow;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.Topics;
import dev.vestibule.deduper.DeduperParts;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.serde.AvroDeserializer;
import dev.vestibule.serde.AvroSerializer;
import dev.vestibule.serde.SchemaRegistry;
import java.time.Duration;
import java.util.Set;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.WindowStore;
import org.apache.kafka.streams.state.WindowStoreIterator;
import org.jspecify.annotations.Nullable;

/** Who takes part. All read the same topic, with the same settings and the same window. */
enum Contender {
  /** The deduper as it is shipped. */
  OURS {
    @Override
    Topology topology(VestibuleConfig config, SchemaRegistry registry) {
      return DeduperParts.topology(config, registry);
    }
  },
  /** Every record goes through: what transactions and copying cost without any thinking. */
  PASS_THROUGH {
    @Override
    Topology topology(VestibuleConfig config, SchemaRegistry registry) {
      StreamsBuilder builder = new StreamsBuilder();
      builder.stream(input(config), Consumed.with(Serdes.ByteArray(), Serdes.ByteArray()))
          .to(output(config), Produced.with(Serdes.ByteArray(), Serdes.ByteArray()));
      return builder.build();
    }
  },
  /** The known tutorial: a range fetch around the record's time, then put. */
  RANGE_FETCH {
    @Override
    Topology topology(VestibuleConfig config, SchemaRegistry registry) {
      StreamsBuilder builder = new StreamsBuilder();
      builder.stream(input(config), Consumed.with(Serdes.ByteArray(), Serdes.ByteArray()))
          .process(new Supplier<>(RangeFetch::new, store(Serdes.Long())), Named.as("dedupe"))
          .to(output(config), Produced.with(Serdes.ByteArray(), Serdes.ByteArray()));
      return builder.build();
    }
  },
  /**
   * kstreamplify's processor on the store that its own utility makes for it. Without the
   * repartition topic that the utility puts before it, which our records do not need: that favours
   * it.
   */
  KSTREAMPLIFY {
    @Override
    Topology topology(VestibuleConfig config, SchemaRegistry registry) {
      StreamsBuilder builder = new StreamsBuilder();
      Serde<VisitorEvent> events =
          Serdes.serdeFrom(
              new AvroSerializer(registry)::serialize,
              new AvroDeserializer<>(VisitorEvent.class, registry));
      builder.stream(input(config), Consumed.with(Serdes.String(), events))
          .process(
              new Supplier<String, VisitorEvent, ProcessingResult<VisitorEvent, VisitorEvent>>(
                  () ->
                      new DedupWithPredicateProcessor<>(
                          STORE, WINDOW.length(), VisitorEvent::getEventId),
                  store(events)),
              Named.as("dedupe"))
          .mapValues(ProcessingResult::getValue)
          .to(output(config), Produced.with(Serdes.String(), events));
      return builder.build();
    }
  };

  private static final String STORE = "seen";
  private static final DedupeWindow WINDOW = DeduperParts.window();

  abstract Topology topology(VestibuleConfig config, SchemaRegistry registry);

  static String input(VestibuleConfig config) {
    return config.topicNames().of(Topics.NORMALIZED);
  }

  /** Where the first copies go. */
  static String output(VestibuleConfig config) {
    return config.topicNames().of(Topics.EVENTS);
  }

  /** As both peers build it: retention is the window. */
  private static <V> StoreBuilder<WindowStore<String, V>> store(Serde<V> values) {
    return Stores.windowStoreBuilder(
        Stores.persistentWindowStore(STORE, WINDOW.length(), WINDOW.length(), false),
        Serdes.String(),
        values);
  }

  /** A processor together with its store. */
  private record Supplier<K, V, R>(
      java.util.function.Supplier<Processor<K, V, K, R>> processor, StoreBuilder<?> store)
      implements ProcessorSupplier<K, V, K, R> {
    @Override
    public Processor<K, V, K, R> get() {
      return processor.get();
    }

    @Override
    public Set<StoreBuilder<?>> stores() {
      return Set.of(store);
    }
  }

  private static final class RangeFetch implements Processor<byte[], byte[], byte[], byte[]> {
    private @Nullable ProcessorContext<byte[], byte[]> context;
    private @Nullable WindowStore<String, Long> seen;

    @Override
    public void init(ProcessorContext<byte[], byte[]> context) {
      this.context = context;
      this.seen = context.getStateStore(STORE);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
      String id = Headers.text(record.headers(), Headers.KEY_DELIVERY);
      if (seen == null || context == null || id == null) {
        throw new IllegalStateException("not initialized, or a record without key");
      }
      boolean known;
      Duration window = WINDOW.length();
      try (WindowStoreIterator<Long> found =
          seen.fetch(
              id, record.timestamp() - window.toMillis(), record.timestamp() + window.toMillis())) {
        known = found.hasNext();
      }
      // A hit is put again, too: so does the tutorial.
      seen.put(id, record.timestamp(), record.timestamp());
      if (!known) {
        context.forward(record);
      }
    }
  }
}
