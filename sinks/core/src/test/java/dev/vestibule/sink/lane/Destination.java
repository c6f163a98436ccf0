package dev.vestibule.sink.lane;

import dev.vestibule.events.VisitorEvent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A sink's handler with its fake destination behind it, as {@link LaneContract} needs them. */
public interface Destination extends AutoCloseable {
  Handler handler();

  /** An event that makes the handler call the destination; larger numbers are later. */
  VisitorEvent event(String visit, int number);

  /**
   * What is said from now on.
   *
   * @param visit null for all visits; a visit's own answer goes before
   */
  void answer(@Nullable String visit, Answer answer);

  /** Ids of the events of a visit that the destination took, in order; with those taken twice. */
  List<String> taken(String visit);

  /** How often the destination was called. */
  int calls();

  @Override
  default void close() {}
}
