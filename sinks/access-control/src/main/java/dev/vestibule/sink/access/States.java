package dev.vestibule.sink.access;

import java.util.Set;

/**
 * Where the states of one target lie. A write is durable when it returns; what was written last is
 * read, also after a crash.
 */
public interface States {

  /** The state of a visit; {@link VisitAccess#NONE} where none was written. */
  VisitAccess read(String visit);

  void write(String visit, VisitAccess state);

  /** Forgets a visit; {@link #read} then answers {@link VisitAccess#NONE}. */
  void forget(String visit);

  /** All visits that a state was written for. */
  Set<String> visits();

  /** {@link Lockdowns#NONE} where none was written. */
  Lockdowns lockdowns();

  void write(Lockdowns lockdowns);
}
