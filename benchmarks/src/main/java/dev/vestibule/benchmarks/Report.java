package dev.vestibule.benchmarks;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Figures of one benchmark; its text is the JSON object that ends every {@code bench} command. */
public final class Report {
  private final String bench;
  private final Map<String, String> goals = new LinkedHashMap<>();
  private final Map<String, String> figures = new LinkedHashMap<>();

  public Report(String bench) {
    this.bench = bench;
  }

  public void figure(String name, double value) {
    figures.put(name, number(value));
  }

  /**
   * A figure that was promised.
   *
   * @param atLeast whether the goal is a lower bound; otherwise it is an upper one
   */
  public void goal(String name, double value, double goal, boolean atLeast) {
    boolean met = atLeast ? value >= goal : value <= goal;
    goals.put(
        name, "{\"value\":%s,\"goal\":%s,\"met\":%s}".formatted(number(value), number(goal), met));
  }

  /** The one in the middle, or between the two in the middle. */
  static double median(double... values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  static double median(List<Double> values) {
    return median(values.stream().mapToDouble(value -> value).toArray());
  }

  private static String number(double value) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      return "null";
    }
    double rounded = Math.round(value * 100) / 100.0;
    return rounded == Math.rint(rounded) ? Long.toString((long) rounded) : Double.toString(rounded);
  }

  @Override
  public String toString() {
    return "{\"bench\":\"%s\",\"goals\":%s,\"figures\":%s}"
        .formatted(bench, json(goals), json(figures));
  }

  private static String json(Map<String, String> values) {
    return values.entrySet().stream()
        .map(entry -> "\"" + entry.getKey() + "\":" + entry.getValue())
        .collect(Collectors.joining(",", "{", "}"));
  }
}
