package dev.vestibule.ingress.decision.watchlist;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.vestibule.ingress.decision.watchlist.Change.Malformed;
import dev.vestibule.ingress.decision.watchlist.Change.Put;
import dev.vestibule.ingress.decision.watchlist.Change.Remove;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Records of the compacted topic {@code visitor.watchlist}: the key is the entry's id, the value
 * one JSON object, no value means that the entry is removed.
 *
 * <pre>{@code
 * {"names":["Jane Doe"],"emails":[…],"phones":[…],"companies":[…],"sites":["berlin"],
 *  "expires":"2027-01-31T00:00:00Z","reason":"…","origin":"manual"}
 * }</pre>
 *
 * <p>What is empty is left out; without {@code sites} an entry holds everywhere. Names that a
 * reader does not know are passed over, so that later versions may add some.
 */
public final class EntryJson {
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(JsonFactory.Feature.CHARSET_DETECTION)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .build();
  private static final Set<String> LISTS =
      Set.of("names", "emails", "phones", "companies", "sites");
  private static final Set<String> TEXTS = Set.of("expires", "reason", "origin");

  private EntryJson() {}

  /** The value of an entry's record. Equal entries have equal bytes. */
  public static byte[] write(Entry entry) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = FACTORY.createGenerator(out)) {
      json.writeStartObject();
      list(json, "names", entry.names());
      list(json, "emails", entry.emails());
      list(json, "phones", entry.phones());
      list(json, "companies", entry.companies());
      list(json, "sites", entry.sites().stream().sorted().toList());
      text(json, "expires", entry.expires() == null ? null : entry.expires().toString());
      text(json, "reason", entry.reason());
      text(json, "origin", entry.origin().text());
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static void list(JsonGenerator json, String name, Collection<String> values)
      throws IOException {
    if (!values.isEmpty()) {
      json.writeArrayFieldStart(name);
      for (String value : values) {
        json.writeString(value);
      }
      json.writeEndArray();
    }
  }

  private static void text(JsonGenerator json, String name, @Nullable String value)
      throws IOException {
    if (value != null) {
      json.writeStringField(name, value);
    }
  }

  /**
   * Reads a record. Never throws: what cannot be read is {@link Malformed}.
   *
   * @param key null only for records that nobody here has written
   */
  public static Change read(@Nullable String key, byte @Nullable [] value) {
    String id = key == null ? "" : key;
    try {
      Entry.checkId(id);
      return value == null ? new Remove(id) : new Put(entry(id, value));
    } catch (InvalidEntryException e) {
      return new Malformed(id, e.field(), e.problem());
    } catch (IOException e) {
      return new Malformed(
          id, "record", "must be one JSON object in UTF-8, without repeated names");
    }
  }

  private static Entry entry(String id, byte[] value) throws IOException {
    Map<String, List<String>> lists = new HashMap<>();
    Map<String, String> texts = new HashMap<>();
    try (JsonParser parser = FACTORY.createParser(value)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("no object");
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken token = parser.nextToken();
        if (token == JsonToken.VALUE_NULL) {
          continue;
        }
        if (LISTS.contains(name)) {
          lists.put(name, texts(parser, name));
        } else if (TEXTS.contains(name)) {
          texts.put(name, text(parser, name));
        } else {
          parser.skipChildren();
        }
      }
      if (parser.nextToken() != null) {
        throw new IOException("something follows");
      }
    }
    return new Entry(
        id,
        lists.getOrDefault("names", List.of()),
        lists.getOrDefault("emails", List.of()),
        lists.getOrDefault("phones", List.of()),
        lists.getOrDefault("companies", List.of()),
        new HashSet<>(lists.getOrDefault("sites", List.of())),
        expires(texts.get("expires")),
        texts.get("reason"),
        origin(texts.get("origin")));
  }

  private static List<String> texts(JsonParser parser, String name) throws IOException {
    if (!parser.hasToken(JsonToken.START_ARRAY)) {
      throw new InvalidEntryException(name, "must be a list of texts");
    }
    List<String> values = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      values.add(text(parser, name + "[" + values.size() + "]"));
    }
    // Empty is not the same as left out: nobody should have to guess whether it means all sites.
    if (values.isEmpty() && name.equals("sites")) {
      throw new InvalidEntryException(
          name, "must name at least one site, or be left out for all sites");
    }
    return values;
  }

  private static String text(JsonParser parser, String field) throws IOException {
    if (!parser.hasToken(JsonToken.VALUE_STRING)) {
      throw new InvalidEntryException(field, "must be a text");
    }
    return parser.getText();
  }

  private static @Nullable Instant expires(@Nullable String text) {
    try {
      return text == null ? null : Instant.parse(text);
    } catch (DateTimeException e) {
      throw new InvalidEntryException("expires", "must be a time such as 2027-01-31T00:00:00Z");
    }
  }

  private static Origin origin(@Nullable String text) {
    Origin origin = text == null ? null : Origin.of(text);
    if (origin == null) {
      throw new InvalidEntryException("origin", "must be import, manual or screening");
    }
    return origin;
  }
}
