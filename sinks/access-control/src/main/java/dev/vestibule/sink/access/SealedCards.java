package dev.vestibule.sink.access;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.sink.access.target.CardNumber;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Opens the card numbers that events carry sealed. */
final class SealedCards {
  /** What the normalizer seals credentials for. */
  static final String PURPOSE = "credential";

  /** The number as access-control systems know it goes before those that the readers saw. */
  private static final String KNOWN_TO_TARGETS = "cardNumberAccessControlSystem";

  private static final List<String> SEEN_BY_READERS =
      List.of("cardNumberReception", "cardNumberKiosk", "cardNumber");

  private static final JsonMapper JSON = new JsonMapper();

  private final @Nullable IdentityKey key;

  /**
   * @param key the credential key, or null where there is none
   */
  SealedCards(@Nullable IdentityKey key) {
    this.key = key;
  }

  /**
   * The number behind sealed bytes; empty where they cannot be opened, or tell no number, or tell
   * several that differ: a guess might be somebody else's card.
   */
  Optional<CardNumber> number(String sealed) {
    if (key == null) {
      return Optional.empty();
    }
    try {
      JsonNode json = JSON.readTree(key.open(PURPOSE, Base64.getDecoder().decode(sealed)));
      String known = text(json, KNOWN_TO_TARGETS);
      if (known != null) {
        return Optional.of(new CardNumber(known));
      }
      Set<String> seen = new LinkedHashSet<>();
      for (String member : SEEN_BY_READERS) {
        String number = text(json, member);
        if (number != null) {
          seen.add(number);
        }
      }
      return seen.size() == 1
          ? Optional.of(new CardNumber(seen.iterator().next()))
          : Optional.empty();
    } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
      return Optional.empty(); // the reason may show what is inside
    }
  }

  private static @Nullable String text(JsonNode json, String member) {
    JsonNode value = json.path(member);
    String text = value.isIntegralNumber() ? value.asText() : value.textValue();
    return text == null || text.isBlank() ? null : text.strip();
  }
}
