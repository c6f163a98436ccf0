package dev.vestibule.deduper;

import dev.vestibule.contract.Generation;
import dev.vestibule.contract.Headers;
import dev.vestibule.deduper.Reading.Reason;
import dev.vestibule.deduper.Reading.Unjudgeable;
import java.util.regex.Pattern;

/**
 * Whether a record is a seed: a copy from the generation before, which sets state and emits
 * nothing. A claim that cannot be true must not swallow a visitor, so such a record is a dead
 * letter.
 */
enum Seeds {
  LIVE,
  SEED,
  MISPLACED;

  static final Unjudgeable REFUSED =
      new Unjudgeable(
          Reason.MISPLACED_SEED,
          Headers.SEED,
          "no such header, or topic-partition@offset in a generation after the first");

  private static final Pattern POSITION =
      Pattern.compile("[a-zA-Z0-9._-]{1,249}-[0-9]{1,9}@[0-9]{1,18}");

  static Seeds of(org.apache.kafka.common.header.Headers headers, Generation generation) {
    if (headers.lastHeader(Headers.SEED) == null) {
      return LIVE;
    }
    String position = Headers.text(headers, Headers.SEED);
    boolean plausible = position != null && POSITION.matcher(position).matches();
    return generation.seeded() && plausible ? SEED : MISPLACED;
  }
}
