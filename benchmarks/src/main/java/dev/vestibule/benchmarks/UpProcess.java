package dev.vestibule.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** {@code vestibule up} in a JVM of its own, on free ports, so that it can be killed. */
public final class UpProcess implements AutoCloseable {
  private static final Duration READY_WITHIN = Duration.ofSeconds(60);

  private final Process process;
  private final Map<String, String> addresses;

  private UpProcess(Process process, Map<String, String> addresses) {
    this.process = process;
    this.addresses = addresses;
  }

  /** Starts it on free ports and returns when it says {@code ready}. */
  public static UpProcess start(Path dataDir, Path config)
      throws IOException, InterruptedException {
    return start(
        Objects.requireNonNull(dataDir.toAbsolutePath().getParent(), "a data folder has a parent"),
        List.of("--config", config.toString(), "--data-dir", dataDir.toString()));
  }

  /**
   * The same, from a working folder.
   *
   * @param options of {@code up}, besides the ports
   */
  public static UpProcess start(Path folder, List<String> options)
      throws IOException, InterruptedException {
    Path errors = Files.createTempFile(folder, "up", ".log");
    List<String> command = new ArrayList<>(launcher());
    command.add("up");
    command.addAll(options);
    for (String port : List.of("--port", "--admin-port", "--kafka-port", "--registry-port")) {
      command.addAll(List.of(port, "0"));
    }
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectError(errors.toFile())
            .start();
    CompletableFuture<Map<String, String>> ready =
        CompletableFuture.supplyAsync(() -> readyLine(process));
    try {
      return new UpProcess(process, ready.get(READY_WITHIN.toSeconds(), TimeUnit.SECONDS));
    } catch (TimeoutException | ExecutionException e) {
      process.destroyForcibly().waitFor();
      throw new IOException("up did not become ready:\n" + Files.readString(errors), e);
    }
  }

  /**
   * The words before a command's own: the launcher where it says where it is, so that its options
   * are those measured; else this JVM's class path.
   */
  public static List<String> launcher() {
    String launcher = System.getenv("VESTIBULE_LAUNCHER");
    return launcher != null
        ? List.of(launcher)
        : List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx384m",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            "dev.vestibule.standalone.Vestibule");
  }

  /** The words of {@code ingress} on its own, with any free admin port. */
  static List<String> ingressCommand(Path config, Path dataDir) {
    List<String> command = new ArrayList<>(launcher());
    command.addAll(List.of("ingress", "--config", config.toString()));
    command.addAll(List.of("--data-dir", dataDir.toString(), "--admin-port", "0"));
    return command;
  }

  public String ingress() {
    return address("ingress");
  }

  public String admin() {
    return address("admin");
  }

  public String kafka() {
    return address("kafka");
  }

  public String registry() {
    return address("registry");
  }

  private String address(String of) {
    String address = addresses.get(of);
    if (address == null) {
      throw new IllegalStateException("the ready line names no " + of);
    }
    return address;
  }

  /** Process id. */
  public long pid() {
    return process.pid();
  }

  /** As {@code kill -9}; returns when it is gone. */
  public void kill() {
    process.destroyForcibly().onExit().join();
  }

  /** As SIGTERM; returns the exit code. */
  public int stop() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
      throw new IllegalStateException("up did not stop within 30 s of SIGTERM");
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    if (process.isAlive()) {
      kill();
    }
  }

  private static Map<String, String> readyLine(Process process) {
    try {
      BufferedReader reader = process.inputReader(StandardCharsets.UTF_8);
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (line.startsWith("ready ")) {
          Map<String, String> addresses = new HashMap<>();
          for (String part : line.substring("ready ".length()).split(" ")) {
            int equals = part.indexOf('=');
            addresses.put(part.substring(0, equals), part.substring(equals + 1));
          }
          return addresses;
        }
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    throw new IllegalStateException("up ended before it was ready");
  }
}
