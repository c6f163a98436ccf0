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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kafka first; for sources that spool, an fsynced file second; else a failure. Records of all other
 * sources, and those that count only in Kafka, go to Kafka alone.
 */
public final class SpoolingPublisher implements Publisher {
  private static final Logger LOG = LoggerFactory.getLogger(SpoolingPublisher.class);
  private static final Pattern SOURCE = Pattern.compile("[a-z0-9][a-z0-9_.-]*");
  private static final int MAX_SEGMENT_BYTES = 4 * 1024 * 1024;

  /** So full spools still give back space while they drain. */
  private static final int MIN_SEGMENTS = 16;

  private static final Duration STOP_WITHIN = Duration.ofSeconds(2);
  private static final Duration TRY_AGAIN = Duration.ofSeconds(2);

  /** Where the records of a source lie. */
  interface Folders {
    Folder open(String source) throws IOException;
  }

  private final Publisher kafka;
  private final Set<String> sources;
  private final SpoolConfig config;
  private final Path folder;
  private final Folders folders;
  private final MeterRegistry meters;
  private final InstantSource clock;
  private final Map<String, Lane> lanes = new ConcurrentHashMap<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread opening = Thread.ofVirtual().name("spool-open").unstarted(this::keepOpening);

  /** Those whose failure has been reported. */
  private final Set<String> failing = new HashSet<>();

  private @Nullable FolderLock folderLock;

  private SpoolingPublisher(
      Publisher kafka,
      Set<String> sources,
      SpoolConfig config,
      Path folder,
      Folders folders,
      MeterRegistry meters,
      InstantSource clock) {
    this.kafka = kafka;
    this.sources = Set.copyOf(sources);
    this.config = config;
    this.folder = folder;
    this.folders = folders;
    this.meters = meters;
    this.clock = clock;
  }

  /**
   * Opens the spools and starts to drain what they hold, also those of sources that no longer
   * spool. A spool that cannot be opened is tried again and again; until then its source is served
   * by Kafka alone.
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
    return start(
        kafka,
        sources,
        config,
        folder,
        source -> DiskFolder.open(folder.resolve(source)),
        meters,
        clock);
  }

  /** The same on other folders; the lock is a real file all the same. */
  static SpoolingPublisher start(
      Publisher kafka,
      Set<String> sources,
      SpoolConfig config,
      Path folder,
      Folders folders,
      MeterRegistry meters,
      InstantSource clock) {
    SpoolingPublisher publisher =
        new SpoolingPublisher(kafka, sources, config, folder, folders, meters, clock);
    boolean used = !sources.isEmpty() || Files.isDirectory(folder);
    if (used && !publisher.open()) {
      publisher.opening.start();
    }
    return publisher;
  }

  private void keepOpening() {
    try {
      while (!closed.await(TRY_AGAIN.toMillis(), TimeUnit.MILLISECONDS)) {
        if (open()) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ConfigException e) {
      LOG.atError().addKeyValue("reason", e.getMessage()).log("spools stay closed");
    }
  }

  /** Opens what is not open yet, and returns whether nothing is left to open. */
  private synchronized boolean open() {
    if (closed.getCount() == 0) {
      return true;
    }
    Set<String> names;
    try {
      lock();
      names = named();
    } catch (IOException e) {
      sources.forEach(source -> failed(source, e));
      return false;
    }
    boolean all = true;
    for (String source : names) {
      if (lanes.containsKey(source)) {
        continue;
      }
      try {
        open(source);
      } catch (IOException e) {
        failed(source, e);
        all = false;
      }
    }
    return all;
  }

  private void lock() throws IOException {
    if (folderLock == null) {
      DiskFolder.open(folder);
      folderLock = FolderLock.acquire(folder);
    }
    if (folderLock == null) {
      throw new ConfigException(
          "vestibule.spool.folder", "is in use by another ingress; expected one of its own");
    }
  }

  /** Those that spool, and those that once did. */
  private Set<String> named() throws IOException {
    Set<String> names = new TreeSet<>(sources);
    DiskFolder.open(folder).names().stream()
        .filter(name -> Files.isDirectory(folder.resolve(name)))
        // A file system may keep folders of its own, such as lost+found.
        .filter(SOURCE.asMatchPredicate())
        .forEach(names::add);
    return names;
  }

  private void open(String source) throws IOException {
    SegmentLog log =
        SegmentLog.open(
            source,
            folders.open(source),
            (int) Math.min(MAX_SEGMENT_BYTES, config.maxBytes() / MIN_SEGMENTS));
    boolean spools = sources.contains(source);
    if (!spools && log.undrained() == 0) {
      return;
    }
    SpoolMetrics metrics = new SpoolMetrics(meters, source);
    Spool spool = new Spool(source, log, config.maxBytes(), config.maxAge(), clock, metrics);
    metrics.watch(spool);
    if (failing.remove(source)) {
      LOG.atInfo().addKeyValue("source", source).log("spool can be used now");
    }
    if (!spool.isEmpty()) {
      LOG.atInfo()
          .addKeyValue("source", source)
          .addKeyValue("records", spool.records())
          .log("spool holds records; they are published first");
    }
    Lane lane = new Lane(spool, kafka, config.ackTimeout(), spools, metrics);
    lane.start();
    lanes.put(source, lane);
  }

  private void failed(String source, IOException e) {
    if (failing.add(source)) {
      LOG.atError()
          .addKeyValue("source", source)
          .addKeyValue("error", e.getClass().getSimpleName())
          .addKeyValue("reason", e.getMessage())
          .log("spool cannot be opened, trying again; while Kafka is away its source gets 503");
    }
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

  /** What every spool holds, also those that are empty. */
  public List<SpoolStatus> spools() {
    return lanes.values().stream().map(Lane::status).toList();
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
    closed.countDown();
    closeLanes();
    kafka.close();
    unlock();
  }

  private synchronized void closeLanes() {
    lanes.values().forEach(Lane::stop);
    try {
      for (Lane lane : lanes.values()) {
        lane.join(STOP_WITHIN);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void unlock() {
    if (folderLock != null) {
      folderLock.close();
    }
  }
}
