package dev.vestibule.standalone.registry;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A Confluent-compatible schema registry in this JVM. What it has answered stays true: every change
 * is acknowledged by Kafka before the answer, ids never change, and the next start, also after a
 * crash, reads all of it back. One registry at a time may use a Kafka cluster.
 */
public final class EmbeddedRegistry implements AutoCloseable {
  private static final int BACKLOG = 64;

  private final HttpServer server;
  private final ExecutorService threads;
  private final RegistryLog log;
  private final String url;

  private EmbeddedRegistry(HttpServer server, RegistryLog log, SchemaStore store) {
    this.server = server;
    this.threads = Executors.newVirtualThreadPerTaskExecutor();
    this.log = log;
    this.url = url(server.getAddress());
    server.createContext("/", new RegistryApi(store));
    server.setExecutor(threads);
  }

  /**
   * Reads the topic, listens, and tells the topic where.
   *
   * @param kafka settings for Kafka clients: at least {@code bootstrap.servers}
   * @param host address to listen on
   * @param port port to listen on; 0 for any free one
   * @throws UncheckedIOException when it cannot listen there, for example since the port is taken
   * @throws org.apache.kafka.common.KafkaException when the topic cannot be created or read
   */
  public static EmbeddedRegistry start(Map<String, Object> kafka, String host, int port) {
    HttpServer server;
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getByName(host), port), BACKLOG);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the schema registry cannot listen on " + host + ":" + port, e);
    }
    RegistryLog log = null;
    try {
      log = TopicLog.open(kafka);
      SchemaStore store = new SchemaStore(log);
      EmbeddedRegistry registry = new EmbeddedRegistry(server, log, store);
      store.address(registry.url());
      server.start();
      return registry;
    } catch (RuntimeException e) {
      server.stop(0);
      if (log != null) {
        log.close();
      }
      throw e;
    }
  }

  /**
   * Where the registry beside a Kafka cluster was started last, told by the cluster itself; empty
   * where none ever was.
   *
   * @throws org.apache.kafka.common.KafkaException when the cluster cannot be asked
   */
  public static Optional<String> discover(Map<String, Object> kafka) {
    AtomicReference<String> url = new AtomicReference<>();
    TopicLog.read(
        kafka,
        (entry, place) -> {
          if (entry instanceof Entry.Address(String address)) {
            url.set(address);
          }
        });
    return Optional.ofNullable(url.get());
  }

  /** Base address, e.g. {@code http://127.0.0.1:8081}. */
  public String url() {
    return url;
  }

  private static String url(InetSocketAddress listening) {
    InetAddress address = listening.getAddress();
    String host =
        address.isAnyLocalAddress()
            ? InetAddress.getLoopbackAddress().getHostAddress()
            : address.getHostAddress();
    return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + listening.getPort();
  }

  /** Stops; returns when it no longer listens. */
  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
    log.close();
  }
}
