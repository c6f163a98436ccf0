package dev.vestibule.ingress.decision;

/** Gives the newest snapshot. */
public interface Snapshots {
  /** The newest one; never waits, never throws. Whoever decides asks once per decision. */
  Snapshot current();
}
