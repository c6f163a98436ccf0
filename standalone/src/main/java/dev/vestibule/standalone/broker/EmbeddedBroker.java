package dev.vestibule.standalone.broker;

import dev.vestibule.contract.Topics;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import kafka.server.ControllerServer;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.server.Server;
import kafka.server.SharedServer;
import kafka.server.StandardFaultHandlerFactory;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.bootstrap.BootstrapMetadata;
import org.apache.kafka.metadata.properties.MetaPropertiesEnsemble;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.raft.QuorumConfig;
import org.apache.kafka.server.common.MetadataVersion;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;

/**
 * One Kafka node (KRaft: broker and controller) inside this JVM, on loopback, with its log in a
 * folder that outlives it. The folder opens again after a clean stop, after a crash, and on other
 * ports.
 */
public final class EmbeddedBroker implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedBroker.class);
  private static final String CLIENTS = "PLAINTEXT";
  private static final String CONTROLLER = "CONTROLLER";
  private static final Duration STOP_WITHIN = Duration.ofSeconds(5);

  private final int port;
  private final ControllerServer controller;
  private final PatientBroker broker;
  private final AtomicBoolean closed = new AtomicBoolean();

  private EmbeddedBroker(int port, ControllerServer controller, PatientBroker broker) {
    this.port = port;
    this.controller = controller;
    this.broker = broker;
  }

  /**
   * Starts a broker and returns when it serves clients: within about two seconds, or four after a
   * crash, since the registration of the crashed broker must expire first.
   *
   * @param dataDir folder of the log; created and formatted at the first start
   * @param port port for clients; 0 for any free one
   * @throws PortTakenException when another process listens on the port
   */
  public static EmbeddedBroker start(Path dataDir, int port) {
    return start(dataDir, port, port);
  }

  /**
   * The same behind somebody who passes on what clients send.
   *
   * @param advertisedPort where clients find it; 0 for its own port
   */
  public static EmbeddedBroker start(Path dataDir, int port, int advertisedPort) {
    BoundSockets sockets = new BoundSockets();
    try {
      int clientPort = sockets.bind(CLIENTS, port);
      int controllerPort = sockets.bind(CONTROLLER, 0);
      KafkaConfig config =
          new KafkaConfig(
              settings(
                  dataDir,
                  clientPort,
                  advertisedPort == 0 ? clientPort : advertisedPort,
                  controllerPort));
      format(dataDir);
      return start(config, clientPort, sockets);
    } catch (IOException e) {
      closeQuietly(sockets);
      throw new UncheckedIOException("the broker cannot use " + dataDir, e);
    } catch (RuntimeException e) {
      closeQuietly(sockets);
      throw e;
    }
  }

  /** What {@link KafkaRaftServer} does for a combined node, on sockets that are already bound. */
  private static EmbeddedBroker start(KafkaConfig config, int port, BoundSockets sockets) {
    Tuple2<MetaPropertiesEnsemble, BootstrapMetadata> log =
        KafkaRaftServer.initializeLogDirs(config, LOG, "");
    SharedServer shared =
        new SharedServer(
            config,
            log._1(),
            Time.SYSTEM,
            Server.initializeMetrics(config, Time.SYSTEM, log._1().clusterId().orElseThrow()),
            CompletableFuture.completedFuture(
                QuorumConfig.parseVoterConnections(config.quorumConfig().voters())),
            List.of(),
            new StandardFaultHandlerFactory(),
            sockets);
    EmbeddedBroker node =
        new EmbeddedBroker(
            port,
            new ControllerServer(shared, KafkaRaftServer.configSchema(), log._2()),
            new PatientBroker(shared));
    try {
      node.controller.startup();
      node.broker.startup();
    } catch (RuntimeException e) {
      node.close();
      throw e;
    }
    return node;
  }

  /** {@code 127.0.0.1:port}. */
  public String bootstrap() {
    return "127.0.0.1:" + port;
  }

  public int port() {
    return port;
  }

  /** Stops cleanly, within seconds; a second call does nothing. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      broker.shutdown(STOP_WITHIN);
      controller.shutdown();
      broker.awaitShutdown();
      controller.awaitShutdown();
    }
  }

  private static void format(Path dir) throws IOException {
    // Written last by the formatter, so a format that was cut short is simply done again.
    if (Files.exists(dir.resolve("meta.properties"))) {
      return;
    }
    Files.createDirectories(dir);
    try {
      new Formatter()
          .setPrintStream(new PrintStream(OutputStream.nullOutputStream()))
          .setNodeId(1)
          .setClusterId(Uuid.randomUuid().toString())
          .setControllerListenerName(CONTROLLER)
          .setMetadataLogDirectory(dir.toString())
          .addDirectory(dir.toString())
          .setReleaseVersion(MetadataVersion.latestProduction())
          .run();
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("formatting failed", e);
    }
  }

  private static Properties settings(
      Path dir, int clientPort, int advertisedPort, int controllerPort) {
    String clients = CLIENTS + "://127.0.0.1:" + clientPort;
    String controller = CONTROLLER + "://127.0.0.1:" + controllerPort;
    String recordBytes = Integer.toString(Topics.MAX_RECORD_BYTES);
    Properties p = new Properties();
    p.putAll(
        Map.ofEntries(
            Map.entry("process.roles", "broker,controller"),
            Map.entry("node.id", "1"),
            Map.entry("controller.quorum.voters", "1@127.0.0.1:" + controllerPort),
            Map.entry("controller.listener.names", CONTROLLER),
            Map.entry("inter.broker.listener.name", CLIENTS),
            Map.entry("listeners", clients + "," + controller),
            Map.entry("advertised.listeners", CLIENTS + "://127.0.0.1:" + advertisedPort),
            Map.entry(
                "listener.security.protocol.map",
                CLIENTS + ":PLAINTEXT," + CONTROLLER + ":PLAINTEXT"),
            Map.entry("log.dirs", dir.toString())));
    p.putAll(
        Map.ofEntries(
            Map.entry("auto.create.topics.enable", "false"),
            Map.entry("message.max.bytes", recordBytes),
            Map.entry("replica.fetch.max.bytes", recordBytes),
            Map.entry("offsets.topic.replication.factor", "1"),
            Map.entry("offsets.topic.num.partitions", "1"),
            // A folder that nobody opened for a year still knows how far each group has read.
            Map.entry("offsets.retention.minutes", "525600"),
            // By the time of its last record: who catches up with older ones must not be forgotten.
            Map.entry("producer.id.expiration.ms", "2147483647"),
            Map.entry("transaction.state.log.replication.factor", "1"),
            Map.entry("transaction.state.log.min.isr", "1"),
            Map.entry("transaction.state.log.num.partitions", "1"),
            Map.entry("share.coordinator.state.topic.replication.factor", "1"),
            Map.entry("share.coordinator.state.topic.min.isr", "1"),
            Map.entry("share.coordinator.state.topic.num.partitions", "1"),
            Map.entry("group.initial.rebalance.delay.ms", "0"),
            Map.entry("group.streams.initial.rebalance.delay.ms", "0"),
            Map.entry("group.min.session.timeout.ms", "1000")));
    p.putAll(
        Map.ofEntries(
            // After a crash the next start waits until the dead broker's session has run out.
            Map.entry("broker.session.timeout.ms", "2000"),
            Map.entry("broker.heartbeat.interval.ms", "500"),
            // One small installation: little memory, few threads, small files.
            Map.entry("metric.reporters", ""),
            Map.entry("log.segment.bytes", Integer.toString(64 << 20)),
            Map.entry("log.index.size.max.bytes", Integer.toString(512 << 10)),
            Map.entry("log.cleaner.dedupe.buffer.size", Integer.toString(8 << 20)),
            Map.entry("num.network.threads", "2"),
            Map.entry("num.io.threads", "4"),
            Map.entry("background.threads", "2"),
            Map.entry("num.recovery.threads.per.data.dir", "2"),
            Map.entry("group.coordinator.threads", "1"),
            Map.entry("share.coordinator.threads", "1")));
    return p;
  }

  private static void closeQuietly(BoundSockets sockets) {
    try {
      sockets.close();
    } catch (IOException e) {
      LOG.atDebug().setCause(e).log("closing a listener failed");
    }
  }
}
