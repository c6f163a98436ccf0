package dev.vestibule.sink.access;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a fact leads to.
 *
 * @param state the state after it
 * @param ruling what became of it
 * @param card what became of what it says about a card beside that; null where it says nothing
 * @param reports what people should know
 */
public record Step(VisitAccess state, Ruling ruling, @Nullable Ruling card, List<Report> reports) {
  public Step {
    reports = List.copyOf(reports);
  }

  Step(VisitAccess state, Ruling ruling, List<Report> reports) {
    this(state, ruling, null, reports);
  }
}
