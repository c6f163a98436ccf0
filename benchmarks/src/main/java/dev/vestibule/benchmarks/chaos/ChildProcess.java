package dev.vestibule.benchmarks.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A service in a JVM of its own that can be killed, frozen and started again on the same folder.
 * Its output of all lives is appended to one file.
 */
public final class ChildProcess implements AutoCloseable {
  /** Short lives on few cores: compile cheaply, collect simply. */
  private static final List<String> JVM =
      List.of(
          "-XX:TieredStopAtLevel=1",
          "-XX:+UseSerialGC",
          "-Xshare:auto",
          "-XX:-UsePerfData",
          "-Dlogback.configurationFile=logback.xml",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow");

  private final String name;
  private final Path log;
  private final List<String> command;
  private @Nullable Process process;
  private boolean frozen;

  /**
   * @param folder for the log file
   * @param heap as for {@code -Xmx}
   * @param arguments of {@link Child}
   */
  public ChildProcess(String name, Path folder, String heap, List<String> arguments) {
    this(name, folder, heap, arguments, List.of());
  }

  /**
   * The same, started by another command that becomes it.
   *
   * @param launcher goes before the command line
   */
  public ChildProcess(
      String name, Path folder, String heap, List<String> arguments, List<String> launcher) {
    this.name = name;
    this.log = folder.resolve(name + ".log");
    this.command = new ArrayList<>(launcher);
    command.add(
        ProcessHandle.current()
            .info()
            .command()
            .orElse(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
    command.addAll(JVM);
    command.add("-Xmx" + heap);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(Child.class.getName());
    command.addAll(arguments);
  }

  String name() {
    return name;
  }

  /** Everything it said so far, in all its lives. */
  public String log() {
    try {
      return Files.exists(log) ? Files.readString(log) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts it; returns at once. */
  public void start() {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("MALLOC_ARENA_MAX", "2");
    builder.redirectErrorStream(true).redirectOutput(Redirect.appendTo(log.toFile()));
    try {
      process = builder.start();
      frozen = false;
    } catch (IOException e) {
      throw new UncheckedIOException(name + " cannot be started", e);
    }
  }

  boolean alive() {
    return process != null && process.isAlive();
  }

  /** Process id of its present life. */
  public long pid() {
    return Objects.requireNonNull(process, "it was never started").pid();
  }

  /** As {@code kill -9}; returns when it is gone. */
  public void kill() {
    Process victim = process;
    if (victim != null) {
      victim.destroyForcibly().onExit().join();
    }
  }

  /** As {@code kill -STOP}: it keeps its memory and its connections, and does nothing. */
  public void freeze() {
    signal("STOP");
    frozen = true;
  }

  /** As {@code kill -CONT}: it goes on where it was, and knows nothing of the time between. */
  public void thaw() {
    if (frozen) {
      signal("CONT");
      frozen = false;
    }
  }

  private void signal(String signal) {
    Process target = process;
    if (target == null || !target.isAlive()) {
      throw new IllegalStateException(name + " is not there to get SIG" + signal);
    }
    try {
      int code =
          new ProcessBuilder("sh", "-c", "kill -" + signal + " " + target.pid())
              .inheritIO()
              .start()
              .waitFor();
      if (code != 0) {
        throw new IllegalStateException("SIG" + signal + " did not reach " + name);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  @Override
  public void close() {
    kill();
  }
}
