package dev.vestibule.ingress.signature;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How the value of a signature header is laid out. */
public sealed interface SignatureLayout {

  /** The whole value is the prefix (may be empty) and one encoded signature. */
  record Single(String prefix) implements SignatureLayout {}

  /**
   * Comma separated {@code key=value} parts: any number of signatures and exactly one time, in any
   * order; parts with other keys are left alone.
   */
  record Parts(String timestampKey, String signatureKey) implements SignatureLayout {}

  /** Blank separated signatures, each with the prefix; those with another prefix are left alone. */
  record Versions(String prefix) implements SignatureLayout {}

  /** What a header value holds, or why it cannot be read. */
  sealed interface Reading {
    /**
     * @param signatures encoded, at least one
     * @param timestamp the time as text where the layout carries it, else null
     */
    record Parsed(List<String> signatures, @Nullable String timestamp) implements Reading {}

    record Unparsed(RejectionReason reason) implements Reading {}
  }

  /** Takes a value apart; says nothing about whether a signature fits. */
  default Reading read(String value) {
    return switch (this) {
      case Single(String prefix) ->
          value.startsWith(prefix)
              ? new Reading.Parsed(List.of(value.substring(prefix.length())), null)
              : new Reading.Unparsed(RejectionReason.MALFORMED_SIGNATURE);
      case Versions(String prefix) -> versions(value, prefix);
      case Parts parts -> parts(value, parts);
    };
  }

  private static Reading versions(String value, String prefix) {
    List<String> signatures = new ArrayList<>();
    for (String entry : value.split(" ")) {
      if (entry.startsWith(prefix)) {
        signatures.add(entry.substring(prefix.length()));
      }
    }
    return signatures.isEmpty()
        ? new Reading.Unparsed(RejectionReason.MALFORMED_SIGNATURE)
        : new Reading.Parsed(List.copyOf(signatures), null);
  }

  private static Reading parts(String value, Parts layout) {
    List<String> signatures = new ArrayList<>();
    List<String> timestamps = new ArrayList<>();
    for (String part : value.split(",")) {
      int equals = part.indexOf('=');
      if (equals < 0) {
        continue;
      }
      String key = part.substring(0, equals).strip();
      String text = part.substring(equals + 1).strip();
      if (key.equals(layout.signatureKey())) {
        signatures.add(text);
      } else if (key.equals(layout.timestampKey())) {
        timestamps.add(text);
      }
    }
    if (timestamps.size() > 1 || signatures.isEmpty()) {
      return new Reading.Unparsed(RejectionReason.MALFORMED_SIGNATURE);
    }
    return timestamps.isEmpty()
        ? new Reading.Unparsed(RejectionReason.MISSING_TIMESTAMP)
        : new Reading.Parsed(List.copyOf(signatures), timestamps.getFirst());
  }
}
