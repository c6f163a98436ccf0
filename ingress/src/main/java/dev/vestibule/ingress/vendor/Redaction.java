package dev.vestibule.ingress.vendor;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Replaces a vendor's live credentials in a body by {@code null}, at every occurrence and however
 * the name is escaped. Every other byte stays as it was, and JSON stays JSON.
 *
 * @param paths {@code object.name} below the root object, e.g. {@code meta.auth}
 * @param names blanked at any depth; lower case without separators, so that {@code secrettoken}
 *     stands for {@code secret-token}, {@code secret_token} and {@code secretToken}
 */
public record Redaction(Set<String> paths, Set<String> names) {

  /** For vendors whose bodies hold no credentials of theirs. */
  public static final Redaction NONE = new Redaction(Set.of(), Set.of());

  private static final byte[] BLANK = "null".getBytes(StandardCharsets.US_ASCII);

  public Redaction {
    paths = Set.copyOf(paths);
    names = Set.copyOf(names);
  }

  /** What became of a body. */
  public sealed interface Outcome {
    /** There was nothing to blank. */
    record Clean() implements Outcome {}

    /** Some values are blanked. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Blanked(byte[] body) implements Outcome {}

    /** The body cannot be read, so nobody knows what it holds. */
    record Unscannable() implements Outcome {}
  }

  /** Blanks a body; the body given is never changed. */
  public Outcome apply(byte[] body) {
    if (paths.isEmpty() && names.isEmpty()) {
      return new Outcome.Clean();
    }
    int start = BodyFacts.Json.bomLength(body);
    byte[] json = start == 0 ? body : Arrays.copyOfRange(body, start, body.length);
    if (!isUtf8(json)) {
      return new Outcome.Unscannable();
    }
    try (JsonParser parser = BodyFacts.Json.FACTORY.createParser(json)) {
      Copy copy = new Copy(json, body, start);
      scan(parser, copy);
      return copy.finish();
    } catch (IOException e) {
      return new Outcome.Unscannable();
    }
  }

  private void scan(JsonParser parser, Copy copy) throws IOException {
    JsonToken token = parser.nextToken();
    if (token == null) {
      throw new IOException("no JSON value");
    }
    int depth = 0;
    @Nullable String rootName = null;
    do {
      switch (token) {
        case START_OBJECT, START_ARRAY -> depth++;
        case END_OBJECT, END_ARRAY -> depth--;
        case FIELD_NAME -> {
          String name = parser.currentName();
          if (depth == 1) {
            rootName = name;
          }
          boolean atPath = depth == 2 && rootName != null && paths.contains(rootName + "." + name);
          if (atPath || names.contains(plain(name))) {
            blankValue(parser, copy);
          }
        }
        default -> {
          // A scalar outside the credentials stays.
        }
      }
      token = parser.nextToken();
      if (token != null && depth == 0) {
        throw new IOException("more than one JSON value");
      }
    } while (token != null);
  }

  private static void blankValue(JsonParser parser, Copy copy) throws IOException {
    JsonToken value = parser.nextToken();
    if (value == JsonToken.VALUE_NULL) {
      return;
    }
    int start = (int) parser.currentTokenLocation().getByteOffset();
    if (value.isStructStart()) {
      parser.skipChildren();
    } else {
      parser.finishToken();
    }
    copy.blank(start, (int) parser.currentLocation().getByteOffset());
  }

  /** The name as {@link #names} has it. */
  private static String plain(String name) {
    return name.replace("-", "").replace("_", "").toLowerCase(Locale.ROOT);
  }

  private static boolean isUtf8(byte[] body) {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer in = ByteBuffer.wrap(body);
    CharBuffer out = CharBuffer.allocate(4096);
    CoderResult result;
    do {
      out.clear();
      result = decoder.decode(in, out, true);
    } while (result.isOverflow());
    return !result.isError();
  }

  /** The body as it will be stored, written as the scan goes. */
  private static final class Copy {
    private final byte[] json;
    private final ByteArrayOutputStream out;
    private int copied;
    private boolean blanked;

    Copy(byte[] json, byte[] body, int prefix) {
      this.json = json;
      this.out = new ByteArrayOutputStream(body.length);
      out.write(body, 0, prefix);
    }

    void blank(int start, int end) {
      out.write(json, copied, start - copied);
      out.writeBytes(BLANK);
      copied = end;
      blanked = true;
    }

    Outcome finish() {
      out.write(json, copied, json.length - copied);
      return blanked ? new Outcome.Blanked(out.toByteArray()) : new Outcome.Clean();
    }
  }
}
