package dev.vestibule.deduper.verdict;

import dev.vestibule.contract.DedupeWindow;
import org.jspecify.annotations.Nullable;

/** What one partition remembers, read by key and time bucket. */
@FunctionalInterface
public interface Memory {

  /**
   * @param bucket start of the bucket, in milliseconds since the epoch
   * @return what was written there, or null when nothing was or it has expired
   */
  @Nullable Remembered get(DedupeWindow window, Hash key, long bucket);

  /** Something to remember. */
  record Write(DedupeWindow window, Hash key, long bucket, Remembered value) {}
}
