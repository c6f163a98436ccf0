package dev.vestibule.normalizer.adapter;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What became of a delivery.
 *
 * @param <E> drafts while inside an adapter, finished events outside
 */
public sealed interface Normalization<E> {

  /** One or more events, in the order in which they are to be published. */
  record Events<E>(List<E> events) implements Normalization<E> {
    public Events {
      if (events.isEmpty()) {
        throw new IllegalArgumentException("a delivery without events must be ignored by name");
      }
      events = List.copyOf(events);
    }
  }

  /** Authentic and readable, but need not become an event; counted by reason. */
  record Ignored<E>(IgnoredReason reason) implements Normalization<E> {}

  /**
   * Cannot become an event; the raw record goes to the dead letters.
   *
   * @param reason also the tag of the metric
   * @param field path of the offending field, or null when it is the whole body
   * @param expected what should have been there; a fixed text, never a quotation
   */
  record Unprocessable<E>(Reason reason, @Nullable String field, @Nullable String expected)
      implements Normalization<E> {}

  /** Why an authentic delivery is not kept. */
  enum IgnoredReason {
    /** The vendor's profile names the event as never stored. */
    NEVER_STORED
  }

  /** Why a record cannot be processed. */
  enum Reason {
    /** No JSON, or sealed by the ingress because it could not be scanned. */
    UNREADABLE_BODY,
    /** JSON, but not of the shape that every delivery of this vendor has. */
    UNEXPECTED_SHAPE,
    /** A field without which nothing can be said is absent. */
    MISSING_FIELD,
    /** A field without which nothing can be said has the wrong form. */
    MALFORMED_FIELD,
    /** The raw record's own headers or key are missing or garbled. */
    MALFORMED_HEADERS,
    /** The event does not fit into a record. */
    TOO_LARGE,
    /** A bug of ours; the record is kept so that it can be replayed after the repair. */
    INTERNAL_ERROR
  }

  static <E> Normalization<E> event(E event) {
    return new Events<>(List.of(event));
  }

  static <E> Normalization<E> unreadable() {
    return new Unprocessable<>(Reason.UNREADABLE_BODY, null, "one JSON value in UTF-8");
  }

  static <E> Normalization<E> unexpectedShape(String expected) {
    return new Unprocessable<>(Reason.UNEXPECTED_SHAPE, null, expected);
  }

  static <E> Normalization<E> missing(String field, String expected) {
    return new Unprocessable<>(Reason.MISSING_FIELD, field, expected);
  }

  static <E> Normalization<E> malformed(String field, String expected) {
    return new Unprocessable<>(Reason.MALFORMED_FIELD, field, expected);
  }

  /** The same outcome with every event turned into another form. */
  default <F> Normalization<F> map(Function<E, F> step) {
    return switch (this) {
      case Events<E>(List<E> events) -> {
        List<F> mapped = new ArrayList<>();
        for (E event : events) {
          mapped.add(step.apply(event));
        }
        yield new Events<>(mapped);
      }
      case Ignored<E>(IgnoredReason reason) -> new Ignored<>(reason);
      case Unprocessable<E>(Reason reason, String field, String expected) ->
          new Unprocessable<>(reason, field, expected);
    };
  }
}
