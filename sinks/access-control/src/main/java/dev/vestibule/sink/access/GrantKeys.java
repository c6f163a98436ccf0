package dev.vestibule.sink.access;

import dev.vestibule.contract.IdentityKey;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.sink.access.target.CardNumber;
import dev.vestibule.sink.access.target.GrantKey;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What visits are known by: here by the keyed hash that decisions carry too, at the target by that
 * behind the mark of this sink. Two sinks, or two installations, at one target so tell their own
 * from each other's.
 */
public final class GrantKeys {
  private final IdentityKey identity;
  private final String mark;

  /**
   * @param sink name of the sink
   */
  public GrantKeys(IdentityKey identity, String sink) {
    this.identity = identity;
    this.mark = identity.sinkMark(sink) + "-";
  }

  /** The visit of an event, or null where it names none. */
  public @Nullable String visit(VisitorEvent event) {
    String id = event.getVisit().getId();
    return id == null ? null : identity.visit(event.getAccount(), id);
  }

  /** What the target knows a visit by. */
  public GrantKey of(String visit) {
    return new GrantKey(mark + visit);
  }

  /** What a card's number is compared by where the number itself must not be. */
  String print(CardNumber number) {
    return identity.under("1").hash("card", number.value());
  }

  /** The visit behind a key, or empty where the key is not this sink's. */
  Optional<String> visit(GrantKey key) {
    return key.value().startsWith(mark)
        ? Optional.of(key.value().substring(mark.length()))
        : Optional.empty();
  }
}
