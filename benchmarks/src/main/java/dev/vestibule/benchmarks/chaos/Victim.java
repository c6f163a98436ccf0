package dev.vestibule.benchmarks.chaos;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A sink in a process of its own that is killed as {@code kill -9} does, and started again. */
final class Victim implements AutoCloseable {
  private static final Duration STARTED_WITHIN = Duration.ofSeconds(60);

  private final ChildProcess process;
  private final String ready;
  private int kills;

  /**
   * @param command of {@code vestibule}
   * @param ready what it says once in each life
   */
  Victim(String command, String ready, Path folder, Path config) {
    this.ready = ready;
    this.process =
        new ChildProcess(
            command,
            folder,
            "160m",
            List.of(
                command,
                "--config",
                config.toString(),
                "--data-dir",
                folder.resolve("data").toString(),
                "--admin-port",
                "0"));
    Runtime.getRuntime().addShutdownHook(new Thread(process::kill));
  }

  /**
   * Returns when it is ready.
   *
   * @throws IllegalStateException when it does not start any more
   */
  void start() throws InterruptedException {
    process.start();
    Await.until(
        "the sink starts", STARTED_WITHIN, () -> process.log().split(ready, -1).length - 1 > kills);
  }

  void kill() {
    process.kill();
    kills++;
  }

  int kills() {
    return kills;
  }

  @Override
  public void close() {
    process.close();
  }
}
