package dev.vestibule.normalizer.adapter.essentry;

import static dev.vestibule.normalizer.adapter.Json.at;
import static dev.vestibule.normalizer.adapter.Json.word;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.vestibule.config.CredentialConfig;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an access credential tells of a card and its check-in. No field list is published: the
 * source says where the facts stand, and what it does not say is looked for under likely names. A
 * likely name counts only with a value of the right type.
 *
 * @param visit id of the check-in
 * @param isAssigned whether the check-in has the card now
 * @param kind lower case; {@code card} where none is told
 * @param numbers under the names that a check-in has for them; empty where none is told
 */
record CardFacts(String visit, boolean isAssigned, String kind, ObjectNode numbers) {
  private static final String NUMBER = "cardNumber";

  /** What the sinks that open doors know as numbers. */
  private static final List<String> NUMBERS =
      List.of(NUMBER, "cardNumberKiosk", "cardNumberReception", "cardNumberAccessControlSystem");

  /** The facts; empty unless both the check-in and the assignment are told. */
  static Optional<CardFacts> of(JsonNode credential, CredentialConfig where) {
    String visit = visit(credential, where.visit());
    Boolean assigned = assigned(credential, where);
    if (visit == null || assigned == null) {
      return Optional.empty();
    }
    ObjectNode numbers = numbers(find(credential, where.number(), ""));
    String kind = kind(find(credential, where.kind(), "/type"), numbers);
    return Optional.of(new CardFacts(visit, assigned, kind, numbers));
  }

  private static JsonNode find(JsonNode credential, @Nullable String pointer, String likely) {
    return credential.at(JsonPointer.compile(pointer == null ? likely : pointer));
  }

  private static @Nullable String visit(JsonNode credential, @Nullable String pointer) {
    if (pointer != null) {
      return word(find(credential, pointer, pointer));
    }
    String flat = word(credential, "checkInId");
    String nested = word(credential, "checkIn", "id");
    if (flat == null || nested == null) {
      return flat == null ? nested : flat;
    }
    return flat.equals(nested) ? flat : null;
  }

  /** Null where it is not told. A word counts only where the source says that one stands. */
  private static @Nullable Boolean assigned(JsonNode credential, CredentialConfig where) {
    JsonNode state = find(credential, where.assigned(), "/assigned");
    if (state.isBoolean()) {
      return state.booleanValue();
    }
    if (where.assigned() == null || !state.isTextual() || state.textValue().isBlank()) {
      return null;
    }
    return where.assignedWords().contains(state.textValue().strip().toLowerCase(Locale.ROOT));
  }

  private static ObjectNode numbers(JsonNode found) {
    ObjectNode numbers = JsonNodeFactory.instance.objectNode();
    if (isNumber(found)) {
      return numbers.set(NUMBER, found);
    }
    for (String name : NUMBERS) {
      JsonNode number = at(found, name);
      if (isNumber(number)) {
        numbers.set(name, number);
      }
    }
    return numbers;
  }

  private static boolean isNumber(JsonNode node) {
    return node.isIntegralNumber() || (node.isTextual() && !node.textValue().isBlank());
  }

  /** A place that was named wrongly must not show a number. */
  private static String kind(JsonNode found, ObjectNode numbers) {
    String kind = found.isTextual() ? word(found) : null;
    boolean isNumber =
        numbers.properties().stream().anyMatch(number -> number.getValue().asText().equals(kind));
    return kind == null || isNumber ? "card" : kind.strip().toLowerCase(Locale.ROOT);
  }

  @Override
  public String toString() {
    return "CardFacts[" + visit + "]";
  }
}
