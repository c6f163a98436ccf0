package dev.vestibule.standalone.deadletters;

import dev.vestibule.contract.Generation;
import dev.vestibule.contract.TopicNames;

/** What can be done about a dead letter, in words for people. */
final class Remedy {
  private static final String REPLAY = ", then 'dead-letters replay'";
  private static final String SAME_AGAIN = "; a replay ends here again";

  private Remedy() {}

  static String of(Letter letter, TopicNames names) {
    String reason = letter.content().getReason();
    return switch (Route.of(letter, names, Generation.FIRST)) {
      case Route.Closed(String because) -> "nothing: " + because;
      case Route.Raw _ -> normalizer(reason);
      case Route.Normalized _ -> deduper(reason);
      case Route.Sink _ -> sink(reason, letter.content().getStage());
    };
  }

  private static String normalizer(String reason) {
    return switch (reason) {
      case "UNREADABLE_BODY" -> "the sender sent no JSON: ask there" + SAME_AGAIN;
      case "UNEXPECTED_SHAPE", "MISSING_FIELD", "MALFORMED_FIELD" ->
          "the vendor has changed its format, or something else posts to this source: have a"
              + " normalizer or settings that know it"
              + REPLAY;
      case "MALFORMED_HEADERS" -> "the raw record was not written by an ingress" + SAME_AGAIN;
      case "TOO_LARGE" ->
          "a topic takes smaller records than planned: 'topics plan' shows it; repair it" + REPLAY;
      case "INTERNAL_ERROR" ->
          "a bug of the normalizer, or a schema that the registry refused; its log says which:"
              + " repair it"
              + REPLAY;
      default -> "repair the reason" + REPLAY;
    };
  }

  private static String deduper(String reason) {
    return switch (reason) {
      case "UNKNOWN_KEY_SCHEME", "UNKNOWN_WINDOW" ->
          "the normalizer is newer than the deduper: update the deduper" + REPLAY;
      default -> "the record was not written by a normalizer that fits" + SAME_AGAIN;
    };
  }

  private static String sink(String reason, String sink) {
    return switch (reason) {
      case "null_value" -> "the record holds nothing" + SAME_AGAIN;
      case "undecodable" -> "the registry did not know its schema: restore it" + REPLAY;
      default ->
          "the destination refused it for good: repair what refuses it"
              + REPLAY
              + "; it goes to "
              + sink
              + " alone, and opens no door";
    };
  }
}
