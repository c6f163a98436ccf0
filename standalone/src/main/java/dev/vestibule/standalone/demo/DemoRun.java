package dev.vestibule.standalone.demo;

import dev.vestibule.config.ConfigLoader;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.standalone.Installation;
import dev.vestibule.standalone.Ports;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/** A demo from start to end, in a folder that must be empty and is the caller's to remove. */
public final class DemoRun {
  private static final String CONFIGURATION = "vestibule.yml";
  private static final String DOOR_RULES = "doors.yml";
  private static final String SLACK_RULES = "slack.yml";
  private static final String SLACK_PAGE = "slack.html";

  private final Path folder;
  private final PrintWriter out;
  private final boolean terminal;

  /**
   * @param terminal whether the reader sees colours and moving dots
   */
  public DemoRun(Path folder, PrintWriter out, boolean terminal) {
    this.folder = folder;
    this.out = out;
    this.terminal = terminal;
  }

  /**
   * Starts an installation on free ports, plays, judges, and stops it.
   *
   * @param random decides who visits when; secrets are made independently of it
   * @return whether every number came out as expected
   */
  public boolean run(Random random) throws Exception {
    SecureRandom secrets = new SecureRandom();
    String doorsSecret = DemoSources.doorsSecret(secrets);
    try (FakeController doors =
            FakeController.start(doorsSecret, DemoSources.ZONES, InstantSource.system());
        FrontDesk desk = FrontDesk.start(secrets, InstantSource.system())) {
      Path file = folder.resolve(CONFIGURATION);
      Files.writeString(folder.resolve(DOOR_RULES), DemoSources.RULES);
      Files.writeString(folder.resolve(SLACK_RULES), FrontDesk.RULES);
      Files.writeString(file, DemoSources.yaml(secrets, doors.url(), doorsSecret, desk.section()));
      boolean right = run(random, file, doors, desk);
      Files.writeString(folder.resolve(SLACK_PAGE), desk.html());
      return right;
    }
  }

  private boolean run(Random random, Path file, FakeController doors, FrontDesk desk)
      throws Exception {
    VestibuleConfig config = ConfigLoader.load(file, folder, Map.of());
    Narrator narrator = new Narrator(out, terminal);
    narrator.title("Vestibule: visitor webhooks in, one clean stream of visitor events out");
    DemoTarget target =
        narrator.during(
            "Starting Kafka, registry, ingress, normalizer, deduper, warehouse, doors, Slack",
            () ->
                new InstalledTarget(
                    Installation.start(config, folder.resolve("data"), Ports.free())));
    boolean right;
    try {
      right =
          new Demo(target, config.sources(), doors, desk, narrator, random, InstantSource.system())
              .play();
    } finally {
      narrator.during(
          "Stopping",
          () -> {
            target.close();
            return target;
          });
    }
    narrator.verdict(
        right,
        right
            ? "All numbers are right. Next: ./vestibule up, and ./vestibule send from another"
                + " terminal."
            : "Some numbers are wrong; they are named above.");
    return right;
  }

  /** Removes a folder with all that is in it. */
  public static void remove(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(DemoRun::delete);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static void delete(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
