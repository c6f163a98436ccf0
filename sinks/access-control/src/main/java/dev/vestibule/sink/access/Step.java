package dev.vestibule.sink.access;

import java.util.List;

/**
 * What a fact leads to.
 *
 * @param state the state after it
 * @param ruling what became of it
 * @param reports what people should know
 */
public record Step(VisitAccess state, Ruling ruling, List<Report> reports) {
  public Step {
    reports = List.copyOf(reports);
  }
}
