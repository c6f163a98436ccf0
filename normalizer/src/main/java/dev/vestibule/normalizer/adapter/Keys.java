package dev.vestibule.normalizer.adapter;

import java.util.Arrays;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What tells an event from others, in the vendor's own values; hashed later, in one place.
 *
 * @param object kind and id of what the event is about; makes the identity together with type and
 *     time
 * @param delivery what the vendor gives per delivery, or null
 * @param fact object, type and time to the second: the same on every path, or null
 * @param snapshot for vendors that send states instead of events, or null
 * @param hint an unsigned delivery id: compared and reported, decides nothing; or null
 */
public record Keys(
    List<@Nullable String> object,
    @Nullable List<@Nullable String> delivery,
    @Nullable List<@Nullable String> fact,
    @Nullable Snapshot snapshot,
    @Nullable String hint) {

  /**
   * A state of an object.
   *
   * @param object what is compared with its last accepted state
   * @param canonical the state in its canonical form
   * @param facts terminal facts that the state holds: {@code arrived}, {@code left}
   */
  public record Snapshot(List<@Nullable String> object, String canonical, SortedSet<String> facts) {
    public Snapshot {
      facts = new TreeSet<>(facts);
    }

    @Override
    public String toString() {
      return "Snapshot" + object;
    }
  }

  /** Keys of an event about an object, so far without any. */
  public static Keys about(@Nullable String... object) {
    return new Keys(list(object), null, null, null, null);
  }

  public Keys withDelivery(@Nullable String... parts) {
    return new Keys(object, list(parts), fact, snapshot, hint);
  }

  public Keys withFact(@Nullable String... parts) {
    return new Keys(object, delivery, list(parts), snapshot, hint);
  }

  public Keys withSnapshot(String canonical, SortedSet<String> facts) {
    return new Keys(object, delivery, fact, new Snapshot(object, canonical, facts), hint);
  }

  public Keys withHint(@Nullable String unsignedId) {
    return new Keys(object, delivery, fact, snapshot, unsignedId);
  }

  // List.of refuses nulls, and a null part differs from an empty one.
  private static List<@Nullable String> list(@Nullable String... parts) {
    return Arrays.asList(parts.clone());
  }
}
