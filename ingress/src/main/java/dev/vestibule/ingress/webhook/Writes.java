package dev.vestibule.ingress.webhook;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Ties answers to the moment in which they leave: the route marks the response with a header, and
 * whoever writes it takes the mark off. Marks that never come by are forgotten, oldest first.
 */
final class Writes {
  static final String HEADER = "Vestibule-Write";
  private static final int MAX = 20_000;

  private final Map<String, Consumer<Boolean>> expected = new LinkedHashMap<>();

  /** Returns the value of the mark. */
  synchronized String expect(Consumer<Boolean> written) {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    String mark = new UUID(random.nextLong(), random.nextLong()).toString();
    expected.put(mark, written);
    if (expected.size() > MAX) {
      expected.remove(expected.keySet().iterator().next());
    }
    return mark;
  }

  /** Who wants to know about a marked answer, or null. */
  synchronized @Nullable Consumer<Boolean> take(String mark) {
    return expected.remove(mark);
  }
}
