package dev.vestibule.standalone.demo;

import dev.vestibule.config.ConfigLoader;
import dev.vestibule.config.VestibuleConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Map;
import java.util.Random;

final class DemoRehearsal {
  static { Thread.setDefaultUncaughtExceptionHandler((t, e) -> { e.printStackTrace(); System.exit(3); }); }
  public static void main(String[] args) throws Exception {
    Path folder = Files.createTempDirectory("vestibule-demo");
    Path file = folder.resolve("vestibule.yml");
    Files.writeString(file, DemoSources.yaml(new SecureRandom()));
    VestibuleConfig config =
        ConfigLoader.load(
            file, folder, Map.of("VESTIBULE_INGRESS_PORT", "0", "VESTIBULE_INGRESS_ADMIN_PORT", "0"));
    Narrator narrator = new Narrator(System.out, false);
    narrator.title("Vestibule demo");
    try (AssembledPipeline target =
        narrator.during(
            "Starting",
            () -> {
              AssembledPipeline started = new AssembledPipeline(config, folder);
              while (!started.ready()) {
                Thread.sleep(50);
              }
              return started;
            })) {
      boolean right =
          new Demo(target, config.sources(), narrator, new Random(42), Clock.systemUTC()).play();
      System.out.println(right);
    }
    System.exit(0);
  }
}
