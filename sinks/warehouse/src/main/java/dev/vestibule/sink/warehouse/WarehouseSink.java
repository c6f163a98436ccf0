package dev.vestibule.sink.warehouse;

import dev.vestibule.config.SinkConfig;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.events.Sensitivity;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.serde.AvroDeserializer;
import dev.vestibule.service.Service;
import dev.vestibule.service.ServiceContext;
import dev.vestibule.sink.EventDecoder;
import dev.vestibule.sink.EventsSubscription;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The warehouse sink as a service: one writer thread, one DuckDB file under {@code
 * <data>/warehouse/warehouse.duckdb}, and questions to it.
 *
 * <p>Guarantee: whatever happens to this process, the tables hold each (event id, revision), each
 * (request id, phase) of a decision and each alert of the granted topics exactly once, and every
 * record consumed is a copy of such a row or a row of {@code rejected_event}.
 */
public final class WarehouseSink implements Service {
  /** Name as on the command line. */
  public static final String NAME = "sink-warehouse";

  private static final Logger LOG = LoggerFactory.getLogger(WarehouseSink.class);

  /** After a crash the system frees the file at once; a clean stop may take a moment. */
  private static final Duration LOCK_PATIENCE = Duration.ofSeconds(5);

  private static final Duration STOP_PATIENCE = Duration.ofSeconds(20);

  private final DuckDb database;
  private final DuckDbWarehouse warehouse;
  private final Query query;
  private final WarehouseLoop loop;
  private final Thread thread;

  private WarehouseSink(
      DuckDb database, DuckDbWarehouse warehouse, Query query, WarehouseLoop loop) {
    this.database = database;
    this.warehouse = warehouse;
    this.query = query;
    this.loop = loop;
    this.thread = Thread.ofPlatform().name(NAME).unstarted(loop);
  }

  /**
   * Opens the file and starts to consume.
   *
   * @throws WarehouseException when the file cannot be opened, e.g. since another process has it
   * @throws dev.vestibule.config.ConfigException for a setting that is unknown or out of range
   */
  public static WarehouseSink start(ServiceContext context, SinkConfig sink) {
    EventsSubscription subscription = EventsSubscription.of(context.config(), sink);
    return start(context, sink, subscription::open);
  }

  static WarehouseSink start(
      ServiceContext context, SinkConfig sink, Supplier<Consumer<byte[], byte[]>> consumers) {
    WarehouseSettings settings = WarehouseSettings.of(sink);
    TopicNames names = context.config().topicNames();
    List<String> topics = new ArrayList<>(EventsSubscription.of(context.config(), sink).topics());
    // They tell whom the watchlist held.
    if (sink.sensitivities().contains(Sensitivity.RESTRICTED)) {
      topics.addAll(RecordDecoder.topics(names));
    }
    DuckDb database =
        DuckDb.open(file(context.dataDir()), settings.memoryMegabytes(), LOCK_PATIENCE);
    try {
      DuckDbWarehouse warehouse = new DuckDbWarehouse(database, sink.name(), context.identity());
      warehouse.migrate();
      Query query = new Query(database, settings.queryTimeout(), settings.queryRows());
      WarehouseLoop loop =
          new WarehouseLoop(
              consumers,
              topics,
              sink.sensitivities(),
              new EventDecoder(new AvroDeserializer<>(VisitorEvent.class, context.registry())),
              new RecordDecoder(names, context.registry()),
              warehouse,
              settings,
              new WarehouseMetrics(context.meters(), sink.name()),
              context.clock());
      WarehouseSink service = new WarehouseSink(database, warehouse, query, loop);
      service.thread.start();
      LOG.atInfo()
          .addKeyValue("sink", sink.name())
          .addKeyValue("topics", topics)
          .log("warehouse sink started");
      return service;
    } catch (RuntimeException e) {
      database.close();
      throw e;
    }
  }

  /** Where the database lies in a data folder. */
  public static Path file(Path dataDir) {
    return dataDir.resolve("warehouse").resolve("warehouse.duckdb");
  }

  /** Questions to the open database. */
  public Query query() {
    return query;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean ready() {
    return loop.ready();
  }

  @Override
  public boolean live() {
    return loop.live();
  }

  @Override
  public void close() {
    loop.stop();
    try {
      if (!thread.join(STOP_PATIENCE)) {
        // The next start would find the file locked by this process's own thread.
        thread.interrupt();
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    query.close();
    warehouse.close();
    database.close();
  }
}
