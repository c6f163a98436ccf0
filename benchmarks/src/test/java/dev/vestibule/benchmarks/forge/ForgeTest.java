package dev.vestibule.benchmarks.forge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ForgeTest {
  private static final int REQUESTS = 200_000;

  @TempDir Path folder;

  @Test
  void noForgeryIsAcceptedAndNoneBreaksTheIngress() throws Exception {
    long seed = Long.getLong("vestibule.seed", System.nanoTime());
    System.out.println("seed " + seed);

    Tally tally =
        new Forge(folder, seed, 200)
            .run(
                REQUESTS,
                new PrintStream(new ByteArrayOutputStream(), false, StandardCharsets.UTF_8));

    assertThat(tally.findings()).as("seed %d", seed).isEmpty();
    assertThat(tally.accepted()).isZero();
    assertThat(tally.serverErrors()).isZero();
    assertThat(tally.genuineRefused()).isZero();
    // Otherwise it would have shown nothing.
    assertThat(tally.forged()).isGreaterThanOrEqualTo(REQUESTS);
    assertThat(tally.genuine()).isGreaterThan(REQUESTS / 50);
    assertThat(tally.overLoopback()).isGreaterThan(REQUESTS / 400);
    assertThat(tally.unused()).isEmpty();
  }
}
