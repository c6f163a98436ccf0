package dev.vestibule.deduper.verdict;

import dev.vestibule.contract.DedupeWindow;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Behaves as the stores do: bytes under bucketed keys, and whatever is too old is gone. */
final class BucketMemory implements Memory {
  private final Map<Slot, byte[]> slots = new HashMap<>();
  private final Map<DedupeWindow, Long> newest = new EnumMap<>(DedupeWindow.class);

  @Override
  public @Nullable Remembered get(DedupeWindow window, Hash key, long bucket) {
    byte[] bytes = expired(window, bucket) ? null : slots.get(new Slot(window, key, bucket));
    return bytes == null ? null : Codec.decode(bytes, bucket);
  }

  void apply(List<Write> writes) {
    for (Write write : writes) {
      newest.merge(write.window(), write.bucket(), Math::max);
      if (!expired(write.window(), write.bucket())) {
        slots.put(
            new Slot(write.window(), write.key(), write.bucket()),
            Codec.encode(write.value(), write.bucket()));
      }
    }
  }

  void clear() {
    slots.clear();
    newest.clear();
  }

  private boolean expired(DedupeWindow window, long bucket) {
    Long latest = newest.get(window);
    return latest != null && bucket <= latest - window.retention().toMillis();
  }

  private record Slot(DedupeWindow window, Hash key, long bucket) {}
}
