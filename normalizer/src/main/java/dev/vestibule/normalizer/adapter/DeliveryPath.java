package dev.vestibule.normalizer.adapter;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How a record came in; the name in headers is lower case. */
public enum DeliveryPath {
  WEBHOOK,
  /** Envoy's synchronous hook: a question, never proof of presence. */
  HOOK,
  WEBSOCKET,
  BACKFILL,
  REPLAY;

  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Optional<DeliveryPath> byId(String id) {
    return Arrays.stream(values()).filter(path -> path.id().equals(id)).findFirst();
  }
}
