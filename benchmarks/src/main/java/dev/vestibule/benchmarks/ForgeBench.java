package dev.vestibule.benchmarks;

import dev.vestibule.benchmarks.forge.ComparisonTiming;
import dev.vestibule.benchmarks.forge.Forge;
import dev.vestibule.benchmarks.forge.Tally;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/** Forged requests by the million, and what the time of a refusal gives away. */
final class ForgeBench {
  private static final int OVER_LOOPBACK_ONE_IN = 500;
  private static final int MOST_TIMED = 2_000_000;

  private final int requests;
  private final long seed;

  ForgeBench(int requests, long seed) {
    this.requests = requests;
    this.seed = seed;
  }

  Report run(Path folder) throws IOException, InterruptedException {
    System.err.println("bench forge: seed " + seed);
    Report report = new Report("forge");
    long begin = System.nanoTime();
    Tally tally = new Forge(folder, seed, OVER_LOOPBACK_ONE_IN).run(requests, System.err);
    double seconds = (System.nanoTime() - begin) / 1e9;
    tally.findings().forEach(finding -> System.err.println("bench forge: " + finding));
    report.goal("accepted", (double) tally.accepted(), 0, false);
    report.goal("5xx", (double) tally.serverErrors(), 0, false);
    report.figure("requests", requests);
    report.figure("forged", (double) tally.forged());
    report.figure("same_meaning", (double) tally.unchanged());
    report.figure("same_meaning_accepted", (double) tally.unchangedAccepted());
    report.figure("genuine", (double) tally.genuine());
    report.figure("genuine_refused", (double) tally.genuineRefused());
    report.figure("over_loopback", (double) tally.overLoopback());
    report.figure("requests_per_s", requests / seconds);
    time(report);
    return report;
  }

  private void time(Report report) {
    int samples = Math.clamp(requests, 100_000, MOST_TIMED);
    System.err.println("bench forge: timing " + samples + " refusals twice");
    ComparisonTiming.Result verifier = ComparisonTiming.ofVerifier(samples, seed);
    ComparisonTiming.Result naive = ComparisonTiming.ofNaive(samples, seed);
    System.err.printf(
        Locale.ROOT,
        "bench forge: first or last character wrong: t %.2f (%.2f ns, could find %.2f ns);"
            + " a comparison that stops early: t %.1f (%.1f ns)%n",
        verifier.t(),
        verifier.differenceNanos(),
        verifier.detectableNanos(),
        naive.t(),
        naive.differenceNanos());
    report.figure("timing_t", verifier.t());
    report.figure("timing_samples", verifier.samples());
    report.figure("timing_difference_ns", verifier.differenceNanos());
    report.figure("timing_detectable_ns", verifier.detectableNanos());
    report.figure("naive_t", naive.t());
    report.figure("naive_difference_ns", naive.differenceNanos());
  }
}
