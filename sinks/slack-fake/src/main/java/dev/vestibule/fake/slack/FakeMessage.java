package dev.vestibule.fake.slack;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A message as it is now.
 *
 * @param blocks an array, empty where the text is all there is
 * @param metadata or null
 * @param edits how often it was changed
 * @param bot whether our app wrote it
 * @param replies in its thread, oldest first
 */
public record FakeMessage(
    String ts,
    String text,
    JsonNode blocks,
    @Nullable JsonNode metadata,
    int edits,
    boolean bot,
    List<FakeMessage> replies) {
  public FakeMessage {
    replies = List.copyOf(replies);
  }

  /** The button of an id, as Slack got it; null where there is none. */
  public @Nullable JsonNode button(String actionId) {
    for (JsonNode block : blocks) {
      for (JsonNode element : block.path("elements")) {
        if (element.path("action_id").asText().equals(actionId)) {
          return element;
        }
      }
    }
    return null;
  }

  /** Leaves out what is in it. */
  @Override
  public String toString() {
    return "FakeMessage[" + ts + ", " + edits + " edits, " + replies.size() + " replies]";
  }
}
