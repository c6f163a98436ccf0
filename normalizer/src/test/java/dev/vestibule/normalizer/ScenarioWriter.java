package dev.vestibule.normalizer;

/**
 * Rewrites the expectations of all scenario files from what the code does now. Run it from the
 * module's folder after an intended change, then read the diff: it is the change as consumers see
 * it. A changed key, id or revision there means that every known fact becomes new.
 */
final class ScenarioWriter {
  private ScenarioWriter() {}

  public static void main(String[] args) {
    Scenario.all().forEach(Scenario::accept);
  }
}
