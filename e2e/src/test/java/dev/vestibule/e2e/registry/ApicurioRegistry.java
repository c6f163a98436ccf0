package dev.vestibule.e2e.registry;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Apicurio Registry as a process of its own, with its data in memory. */
final class ApicurioRegistry implements AutoCloseable {
  private static final Path UNPACKED = Path.of("target/apicurio");
  private static final String LAUNCHER = "quarkus-run.jar";
  private static final Duration START_WITHIN = Duration.ofSeconds(90);

  private final Process process;
  private final Thread orphanGuard;
  private final int port;

  private ApicurioRegistry(Process process, int port) {
    this.process = process;
    this.port = port;
    this.orphanGuard = new Thread(process::destroyForcibly);
    Runtime.getRuntime().addShutdownHook(orphanGuard);
  }

  /**
   * Starts it and returns when it answers.
   *
   * @param folder where it works and writes its log
   */
  static ApicurioRegistry start(Path folder) {
    int port = freePort();
    int managementPort = freePort();
    Path log = folder.resolve("apicurio.log");
    try {
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xmx512m",
                  "-XX:+UseSerialGC",
                  "-XX:TieredStopAtLevel=1",
                  "-Dapicurio.datasource.jdbc.initial-size=2",
                  "-Dapicurio.datasource.jdbc.min-size=2",
                  "-Dquarkus.http.host=127.0.0.1",
                  "-Dquarkus.http.port=" + port,
                  "-Dquarkus.management.host=127.0.0.1",
                  "-Dquarkus.management.port=" + managementPort,
                  "-jar",
                  launcher().toAbsolutePath().toString())
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      ApicurioRegistry registry = new ApicurioRegistry(process, port);
      try {
        registry.awaitReady(log);
      } catch (RuntimeException e) {
        registry.close();
        throw e;
      }
      return registry;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Base address of its Confluent-compatible interface. */
  String url() {
    return "http://127.0.0.1:" + port + "/apis/ccompat/v7";
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
      Runtime.getRuntime().removeShutdownHook(orphanGuard);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private void awaitReady(Path log) {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest subjects =
          HttpRequest.newBuilder(URI.create(url() + "/subjects"))
              .timeout(Duration.ofSeconds(5))
              .build();
      await("Apicurio answers, see " + log)
          .atMost(START_WITHIN)
          .failFast("Apicurio has stopped, see " + log, () -> !process.isAlive())
          .ignoreExceptionsInstanceOf(IOException.class)
          .until(() -> client.send(subjects, BodyHandlers.discarding()).statusCode() == 200);
    }
  }

  private static Path launcher() throws IOException {
    try (Stream<Path> files = Files.walk(UNPACKED, 2)) {
      List<Path> launchers =
          files.filter(file -> file.getFileName().toString().equals(LAUNCHER)).toList();
      if (launchers.isEmpty()) {
        throw new IOException("the build has not unpacked " + LAUNCHER + " under " + UNPACKED);
      }
      return launchers.getFirst();
    }
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
