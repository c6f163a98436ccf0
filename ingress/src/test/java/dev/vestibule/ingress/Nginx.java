package dev.vestibule.ingress;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A real nginx with the configuration that is shipped, in a folder of its own and as one process.
 * Only addresses and timeouts are other ones.
 */
final class Nginx implements AutoCloseable {
  /** Enough for whoever answers at once, and short for whoever never does. */
  private static final Duration HASTY = Duration.ofMillis(300);

  private static final Duration SHIPPED_TIMEOUT = Duration.ofSeconds(4);
  private static final Path SHIPPED = Path.of("../deploy/nginx/vestibule.conf");
  private static final int ATTEMPTS = 3;

  private final Process process;
  private final int port;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private Nginx(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /** Where it is installed, if it is. */
  static Optional<Path> installed() {
    return Stream.concat(
            Arrays.stream(System.getenv().getOrDefault("PATH", "").split(":")),
            Stream.of("/usr/sbin", "/usr/local/sbin"))
        .map(folder -> Path.of(folder, "nginx"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * Starts one that waits for answers as long as the one that is shipped.
   *
   * @param ports of the ingresses behind it, on this machine
   */
  static Nginx start(Path binary, Path folder, int... ports) throws IOException {
    return start(binary, folder, SHIPPED_TIMEOUT, ports);
  }

  /** Starts one that waits for answers for a moment only. */
  static Nginx hasty(Path binary, Path folder, int... ports) throws IOException {
    return start(binary, folder, HASTY, ports);
  }

  private static Nginx start(Path binary, Path folder, Duration timeout, int... ports)
      throws IOException {
    for (int attempt = 1; ; attempt++) {
      int port = freePort();
      Process process =
          new ProcessBuilder(
                  binary.toString(),
                  "-p",
                  folder.toString(),
                  "-c",
                  configure(folder, timeout, port, ports).toString(),
                  "-e",
                  folder.resolve("error.log").toString())
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("output.log").toFile())
              .start();
      if (listens(process, port)) {
        return new Nginx(process, port);
      }
      if (attempt == ATTEMPTS) {
        throw new AssertionError("nginx: " + Files.readString(folder.resolve("output.log")));
      }
    }
  }

  private static Path configure(Path folder, Duration timeout, int port, int... ports)
      throws IOException {
    String edge = Files.readString(SHIPPED);
    edge = replace(edge, "listen 80;", "listen 127.0.0.1:" + port + ";");
    edge =
        replace(
            edge,
            "server 127.0.0.1:8080;",
            Arrays.stream(ports)
                .mapToObj(behind -> "server 127.0.0.1:" + behind + ";")
                .collect(Collectors.joining(" ")));
    edge = replace(edge, "_timeout 4s;", "_timeout " + timeout.toMillis() + "ms;");
    Files.writeString(folder.resolve("vestibule.conf"), edge);
    // One process, which is the one that is ended.
    return Files.writeString(
        folder.resolve("nginx.conf"),
        """
        daemon off;
        master_process off;
        pid nginx.pid;
        error_log error.log;
        events {}
        http {
          access_log off;
          client_body_temp_path body;
          proxy_temp_path proxy;
          fastcgi_temp_path fastcgi;
          uwsgi_temp_path uwsgi;
          scgi_temp_path scgi;
          include vestibule.conf;
        }
        """);
  }

  private static String replace(String text, String what, String by) {
    if (!text.contains(what)) {
      throw new AssertionError(SHIPPED + " has no longer '" + what + "'");
    }
    return text.replace(what, by);
  }

  private static boolean listens(Process process, int port) throws IOException {
    while (process.isAlive()) {
      try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
        return true;
      } catch (IOException e) {
        try {
          process.waitFor(10, TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
          Thread.currentThread().interrupt();
          throw new IOException(interrupted);
        }
      }
    }
    return false;
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** Posts a body; headers as name, value, name, value. */
  HttpResponse<String> post(String path, HttpRequest.BodyPublisher body, String... headers)
      throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(Duration.ofSeconds(20))
            .POST(body);
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    client.close();
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
