package dev.vestibule.e2e;

import dev.vestibule.standalone.broker.EmbeddedBroker;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.kafka.KafkaContainer;

/**
 * Which Kafka the suite runs on. {@code -Dit.backends} is {@code auto} (embedded, and containers
 * where an engine answers), or names the ones wanted; to ask for containers without an engine is an
 * error, so nothing is skipped unsaid.
 */
enum Backend {
  EMBEDDED {
    @Override
    Cluster start(Path folder) {
      EmbeddedBroker broker = EmbeddedBroker.start(folder.resolve("broker"), 0);
      return new Cluster(broker.bootstrap(), broker::close);
    }
  },
  DOCKER {
    @Override
    Cluster start(Path folder) {
      KafkaContainer kafka =
          new KafkaContainer("apache/kafka:4.3.1")
              .withEnv("KAFKA_MESSAGE_MAX_BYTES", "4194304")
              .withEnv("KAFKA_REPLICA_FETCH_MAX_BYTES", "4194304")
              .withEnv("KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR", "1")
              .withEnv("KAFKA_TRANSACTION_STATE_LOG_MIN_ISR", "1");
      kafka.start();
      return new Cluster(kafka.getBootstrapServers(), kafka::stop);
    }
  };

  /** A running Kafka. */
  record Cluster(String bootstrap, Runnable stop) implements AutoCloseable {
    @Override
    public void close() {
      stop.run();
    }
  }

  abstract Cluster start(Path folder);

  /** The backends of this run; says so on the console. */
  static Stream<Backend> selected() {
    String wanted = System.getProperty("it.backends", "auto").toUpperCase(Locale.ROOT);
    boolean engine = engineAnswers();
    List<Backend> backends;
    if (wanted.equals("AUTO")) {
      backends = engine ? List.of(EMBEDDED, DOCKER) : List.of(EMBEDDED);
    } else {
      backends = Stream.of(wanted.split(",", -1)).map(name -> valueOf(name.strip())).toList();
    }
    if (backends.contains(DOCKER) && !engine) {
      throw new IllegalStateException(
          "the docker backend was asked for, but no container engine answers");
    }
    System.out.println(
        "pipeline suite runs on " + backends + (engine ? "" : " (no container engine answers)"));
    return backends.stream();
  }

  private static boolean engineAnswers() {
    return DockerClientFactory.instance().isDockerAvailable();
  }
}
