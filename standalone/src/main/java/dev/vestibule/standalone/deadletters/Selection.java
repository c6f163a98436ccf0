package dev.vestibule.standalone.deadletters;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Which dead letters are meant.
 *
 * @param since given up at that time or later
 * @param reason that word, whatever its case; null for any
 * @param stage given up there: {@code normalizer}, {@code deduper} or a sink's name; null for any
 */
public record Selection(Instant since, @Nullable String reason, @Nullable String stage) {

  public boolean has(Letter letter) {
    return !letter.content().getDeadAt().isBefore(since)
        && (reason == null || reason.equalsIgnoreCase(letter.content().getReason()))
        && (stage == null || stage.equals(letter.content().getStage()));
  }
}
