package dev.vestibule.ingress.decision.external;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.vestibule.ingress.decision.policy.StrictJson;
import java.io.IOException;
import java.util.Locale;

/** What came of asking. */
public enum Answer {
  /** The service would let the visitor in. */
  APPROVE,
  /** The service wants a person to look. */
  REVIEW,
  /** Nothing came in time. */
  TIMEOUT,
  /** Another status than 200 came. */
  STATUS,
  /** What came is no answer, is too long, or broke off. */
  MALFORMED,
  /** No connection, or one that was closed without an answer. */
  UNREACHABLE,
  /** It was not asked, since it has failed too often lately. */
  OPEN,
  /** It was not asked, since too many questions are under way. */
  OVERLOAD;

  private static final int OK = 200;
  private static final int MAX_DEPTH = 20;
  private static final JsonMapper JSON = StrictJson.mapper(MAX_DEPTH);

  /** Reads a response: {@code {"outcome":"approve"}} or {@code {"outcome":"review"}}. */
  static Answer read(int status, byte[] body) {
    if (status != OK) {
      return STATUS;
    }
    try {
      JsonNode outcome = JSON.readTree(body).path("outcome");
      return switch (outcome.isTextual() ? outcome.textValue() : "") {
        case "approve" -> APPROVE;
        case "review" -> REVIEW;
        default -> MALFORMED;
      };
    } catch (IOException e) {
      return MALFORMED;
    }
  }

  /** Whether the service has said something. */
  public boolean isGiven() {
    return this == APPROVE || this == REVIEW;
  }

  /** The word in metrics. */
  String tag() {
    return name().toLowerCase(Locale.ROOT);
  }
}
