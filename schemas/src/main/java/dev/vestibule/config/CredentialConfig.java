package dev.vestibule.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where an essentry {@code accessCredential}, whose fields are not published, tells its facts: JSON
 * pointers into that object, null where nothing was said.
 *
 * @param visit id of the check-in that the card belongs to
 * @param number of the card, or an object with the numbers that a check-in has
 * @param kind e.g. card
 * @param assigned true or false, or a word
 * @param assignedWords words (lower case) that mean that the card is assigned; any other means that
 *     it is not
 */
public record CredentialConfig(
    @Nullable String visit,
    @Nullable String number,
    @Nullable String kind,
    @Nullable String assigned,
    List<String> assignedWords) {

  /** Nothing was said. */
  public static final CredentialConfig DEFAULT =
      new CredentialConfig(null, null, null, null, List.of("assigned"));

  public CredentialConfig {
    assignedWords = List.copyOf(assignedWords);
  }
}
