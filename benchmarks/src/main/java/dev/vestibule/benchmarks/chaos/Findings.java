package dev.vestibule.benchmarks.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the audit found wrong, a readable line each, and how often each verdict was given. */
public final class Findings {
  private final List<String> lost = new ArrayList<>();
  private final List<String> doubled = new ArrayList<>();
  private final List<String> swapped = new ArrayList<>();
  private final List<String> unexplained = new ArrayList<>();
  private final Map<String, Integer> verdicts = new TreeMap<>();

  Findings() {}

  /** Accepted and not there. */
  public List<String> lost() {
    return lost;
  }

  /** There twice. */
  public List<String> doubled() {
    return doubled;
  }

  /** Events of a visit in another order than they came in. */
  public List<String> swapped() {
    return swapped;
  }

  /** Records that should not be there at all. */
  public List<String> unexplained() {
    return unexplained;
  }

  /** How often each verdict was given. */
  public Map<String, Integer> verdicts() {
    return verdicts;
  }

  /** Every line, with its kind before it; empty when all is well. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    lost.forEach(line -> lines.add("lost: " + line));
    doubled.forEach(line -> lines.add("doubled: " + line));
    swapped.forEach(line -> lines.add("swapped: " + line));
    unexplained.forEach(line -> lines.add("unexplained: " + line));
    return lines;
  }

  void count(String verdict) {
    verdicts.merge(verdict, 1, Integer::sum);
  }
}
