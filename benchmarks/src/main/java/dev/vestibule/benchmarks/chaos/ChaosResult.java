package dev.vestibule.benchmarks.chaos;

import dev.vestibule.benchmarks.Report;
import java.util.Map;

/**
 * What a run showed.
 *
 * @param figures by name, in order
 */
public record ChaosResult(Findings findings, Map<String, Double> figures) {

  /** As it ends the command. */
  public Report report() {
    Report report = new Report("chaos");
    report.goal("lost", findings.lost().size(), 0, false);
    report.goal("duplicates", findings.doubled().size(), 0, false);
    report.goal("order", findings.swapped().size(), 0, false);
    report.figure("unexplained", findings.unexplained().size());
    figures.forEach(report::figure);
    return report;
  }
}
