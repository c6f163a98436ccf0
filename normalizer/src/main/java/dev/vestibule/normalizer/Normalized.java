package dev.vestibule.normalizer;

import dev.vestibule.events.VisitorEvent;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A finished event with the headers of its record: CloudEvents, trace context, dedupe keys.
 *
 * @param headers as text, in the order in which they are written
 */
record Normalized(VisitorEvent event, Map<String, String> headers) {
  Normalized {
    headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
  }

  @Override
  public String toString() {
    return "Normalized[" + event.getEventId() + "]";
  }
}
