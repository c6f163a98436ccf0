package dev.vestibule.normalizer.adapter;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Keeps out of {@code attributes} what must never travel in clear: credentials, card and document
 * numbers, PINs, links to images and agreements, tokens. Decides by name, at every depth, and drops
 * every text that holds a link: a vendor can put a photo behind a name that nobody foresaw. It
 * rather drops too much; the raw record keeps everything.
 */
public final class Discretion {
  private static final Set<String> WORDS =
      Set.of(
          "authorization",
          "avatar",
          "biometric",
          "biometrics",
          "card",
          "cards",
          "credential",
          "credentials",
          "cvc",
          "cvv",
          "face",
          "href",
          "image",
          "images",
          "img",
          "link",
          "links",
          "passcode",
          "passport",
          "password",
          "photo",
          "photos",
          "picture",
          "pictures",
          "pin",
          "pins",
          "secret",
          "secrets",
          "selfie",
          "signature",
          "ssn",
          "thumbnail",
          "thumbnails",
          "token",
          "tokens",
          "uri",
          "url",
          "urls");

  private static final List<String> PHRASES =
      List.of(
          "accesskey",
          "apikey",
          "ausweis",
          "cardno",
          "cardnr",
          "cardnumber",
          "documentid",
          "documentno",
          "documentnr",
          "documentnum",
          "idcard",
          "iddocument",
          "idno",
          "idnumber",
          "kartennummer",
          "legaldoc",
          "licencenumber",
          "licenseno",
          "licensenumber",
          "nationalid",
          "passnummer",
          "passwor",
          "pincode",
          "qrcode",
          "refreshtoken",
          "accesstoken",
          "reisepass",
          "socialsecurity");

  private static final Pattern WORD_BREAK =
      Pattern.compile("[^\\p{L}\\p{N}]+|(?<=[\\p{Ll}\\p{N}])(?=\\p{Lu})|(?<=\\p{L})(?=\\p{N})");
  private static final Pattern NOT_A_LETTER = Pattern.compile("[^\\p{L}\\p{N}]+");
  private static final Pattern LINK =
      Pattern.compile("://|^\\s*data:|^\\s*//|\\bwww\\.", Pattern.CASE_INSENSITIVE);

  /** Names under which forms put the label of an answer. */
  private static final List<String> LABELS = List.of("field", "label", "name", "question", "key");

  private Discretion() {}

  /** Whether a field of this name may hold what must not travel in clear. */
  static boolean withholds(String name) {
    String compact = NOT_A_LETTER.matcher(name).replaceAll("").toLowerCase(Locale.ROOT);
    for (String phrase : PHRASES) {
      if (compact.contains(phrase)) {
        return true;
      }
    }
    for (String word : WORD_BREAK.split(name)) {
      if (WORDS.contains(word.toLowerCase(Locale.ROOT))) {
        return true;
      }
    }
    return false;
  }

  /** Whether a text holds a link. */
  static boolean isLink(String text) {
    return LINK.matcher(text).find();
  }

  /** A copy without what must not travel in clear, or null when nothing is left. */
  public static @Nullable JsonNode scrub(JsonNode node) {
    if (node.isObject()) {
      return withholdsAnswer(node) ? null : scrubObject(node);
    }
    if (node.isArray()) {
      ArrayNode kept = Json.MAPPER.createArrayNode();
      for (JsonNode element : node) {
        JsonNode scrubbed = scrub(element);
        if (scrubbed != null) {
          kept.add(scrubbed);
        }
      }
      return kept.isEmpty() ? null : kept;
    }
    if (node.isTextual()) {
      return node.textValue().isBlank() || isLink(node.textValue()) ? null : node;
    }
    return node.isNull() || node.isMissingNode() ? null : node;
  }

  private static @Nullable JsonNode scrubObject(JsonNode node) {
    ObjectNode kept = Json.MAPPER.createObjectNode();
    node.properties()
        .forEach(member -> {
          JsonNode scrubbed = withholds(member.getKey()) ? null : scrub(member.getValue());
          if (scrubbed != null) {
            kept.set(member.getKey(), scrubbed);
          }
        });
    return kept.isEmpty() ? null : kept;
  }

  /** An answer of a form, such as {@code {"field":"Passport number","value":"…"}}. */
  private static boolean withholdsAnswer(JsonNode node) {
    if (!node.has("value")) {
      return false;
    }
    for (String label : LABELS) {
      JsonNode text = node.path(label);
      if (text.isTextual() && withholds(text.textValue())) {
        return true;
      }
    }
    return false;
  }
}
