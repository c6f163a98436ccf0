package dev.vestibule.ingress.spool;

import dev.vestibule.config.ConfigException;
import dev.vestibule.config.SpoolConfig;
import dev.vestibule.ingress.publish.Publisher;
import dev.vestibule.ingress.publish.RawRecord;
import dev.vestibule.ingress.publish.Receipt;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kafka first; for sources that spool, an fsynced file second; else a failure. Records of all other
 * sources, and those that count only in Kafka, go to Kafka alone.
 */
public final class SpoolingPublisher implements Publisher {
  private static final Logger LOG = LoggerFactory.getLogger(SpoolingPublisher.class);
  private static final int MAX_SEGMENT_BYTES = 4 * 1024 * 1024;

  /** So full spools still give back space while they drain. */
  private static final int MIN_SEGMENTS = 16;

  private static final Duration STOP_WITHIN = Duration.ofSeconds(2);

  private final Publisher kafka;
  private final Map<String, Lane> lanes = new HashMap<>();
  private final @Nullable FolderLock folderLock;

  private SpoolingPublisher(Publisher kafka, @Nullable FolderLock folderLock) {
    this.kafka = kafka;
    this.folderLock = folderLock;
  }

  /**
   * Opens the spools and starts to drain what they hold, also those of sources that no longer
   * spool. Where a spool cannot be opened its source is served by Kafka alone.
   *
   * @param kafka where all records go in the end; closed together with this
   * @param sources names of the sources that spool
   * @param folder holds one folder per source
   * @throws ConfigException when another process uses the folder
   */
  public static SpoolingPublisher start(
      Publisher kafka,
      Set<String> sources,
      SpoolConfig config,
      Path folder,
      MeterRegistry meters,
      InstantSource clock) {
    if (sources.isEmpty() && !Files.isDirectory(folder)) {
      return new SpoolingPublisher(kafka, null);
    }
    FolderLock lock;
    try {
      DiskFolder.open(folder);
      lock = FolderLock.acquire(folder);
    } catch (IOException e) {
      warn("spool folder cannot be used; while Kafka is away its sources get 503", sources, e);
      return new SpoolingPublisher(kafka, null);
    }
    if (lock == null) {
      throw new ConfigException(
          "vestibule.spool.folder", "is in use by another ingress; expected one of its own");
    }
    SpoolingPublisher publisher = new SpoolingPublisher(kafka, lock);
    for (String source : named(folder, sources)) {
      try {
        publisher.open(source, sources.contains(source), config, folder, meters, clock);
      } catch (IOException e) {
        warn("spool cannot be used; while Kafka is away its source gets 503", Set.of(source), e);
      }
    }
    publisher.lanes.values().forEach(Lane::start);
    return publisher;
  }

  /** Those that spool, and those that once did. */
  private static Set<String> named(Path folder, Set<String> sources) {
    Set<String> names = new TreeSet<>(sources);
    try (Stream<Path> entries = Files.list(folder)) {
      entries
          .filter(Files::isDirectory)
          .forEach(entry -> names.add(entry.getFileName().toString()));
    } catch (IOException e) {
      warn("spool folder cannot be listed", sources, e);
    }
    return names;
  }

  private void open(
      String source,
      boolean spools,
      SpoolConfig config,
      Path folder,
      MeterRegistry meters,
      InstantSource clock)
      throws IOException {
    SegmentLog log =
        SegmentLog.open(
            source,
            DiskFolder.open(folder.resolve(source)),
            (int) Math.min(MAX_SEGMENT_BYTES, config.maxBytes() / MIN_SEGMENTS));
    if (!spools && log.undrained() == 0) {
      return;
    }
    SpoolMetrics metrics = new SpoolMetrics(meters, source);
    Spool spool = new Spool(source, log, config.maxBytes(), config.maxAge(), clock, metrics);
    metrics.watch(spool);
    lanes.put(source, new Lane(spool, kafka, config.ackTimeout(), spools, metrics));
    if (!spool.isEmpty()) {
      LOG.atInfo()
          .addKeyValue("source", source)
          .addKeyValue("records", spool.records())
          .log("spool holds records; they are published first");
    }
  }

  private static void warn(String message, Set<String> sources, IOException e) {
    LOG.atWarn()
        .addKeyValue("sources", sources)
        .addKeyValue("error", e.getClass().getSimpleName())
        .addKeyValue("reason", e.getMessage())
        .log(message);
  }

  @Override
  public CompletableFuture<Receipt> publish(RawRecord record) {
    Lane lane = lanes.get(record.source());
    return lane == null ? kafka.publish(record) : lane.publish(record);
  }

  @Override
  public CompletableFuture<Receipt> publishToKafka(RawRecord record) {
    return kafka.publishToKafka(record);
  }

  @Override
  public boolean reachable() {
    return kafka.reachable() || lanes.values().stream().anyMatch(Lane::accepts);
  }

  @Override
  public boolean paused() {
    return kafka.paused();
  }

  /** Leaves on disk what is not drained by then; the next start goes on with it. */
  @Override
  public void close() {
    lanes.values().forEach(Lane::stop);
    try {
      for (Lane lane : lanes.values()) {
        lane.join(STOP_WITHIN);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    kafka.close();
    if (folderLock != null) {
      folderLock.close();
    }
  }
}
