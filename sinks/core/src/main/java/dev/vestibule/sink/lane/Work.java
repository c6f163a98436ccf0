package dev.vestibule.sink.lane;

import dev.vestibule.sink.Decoded;
import java.time.Instant;
import java.util.List;

/**
 * One event for one attempt.
 *
 * @param event with its verdict
 * @param key the record's key: what is kept in order
 * @param topic full name of the topic it was read from
 * @param partition partition there
 * @param offset position there
 * @param attempt counted from 1, and anew after a restart
 * @param since when the first attempt was made
 * @param urgentFollowers later events of the same key that are urgent and were there when this
 *     attempt began, in order
 */
public record Work(
    Decoded.Event event,
    String key,
    String topic,
    int partition,
    long offset,
    int attempt,
    Instant since,
    List<Decoded.Event> urgentFollowers) {

  public Work {
    urgentFollowers = List.copyOf(urgentFollowers);
  }
}
