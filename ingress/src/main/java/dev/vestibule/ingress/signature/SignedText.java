package dev.vestibule.ingress.signature;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;

/**
 * The text that a sender signs, as a template: {@code {body}}, {@code {timestamp}} and {@code {id}}
 * with literal text between, e.g. {@code {timestamp}.{body}}.
 */
public final class SignedText {
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{([^{}]*)}");

  private sealed interface Part {}

  private record Literal(String text) implements Part {}

  private enum Field implements Part {
    BODY,
    TIMESTAMP,
    ID
  }

  private final List<Part> parts;

  private SignedText(List<Part> parts) {
    this.parts = List.copyOf(parts);
  }

  /**
   * @throws IllegalArgumentException when a placeholder is unknown or occurs twice, or the body
   *     does not occur
   */
  public static SignedText of(String template) {
    List<Part> parts = new ArrayList<>();
    Matcher matcher = PLACEHOLDER.matcher(template);
    int end = 0;
    while (matcher.find()) {
      if (matcher.start() > end) {
        parts.add(new Literal(template.substring(end, matcher.start())));
      }
      Field field = field(matcher.group(1));
      if (parts.contains(field)) {
        throw new IllegalArgumentException("{" + matcher.group(1) + "} occurs twice");
      }
      parts.add(field);
      end = matcher.end();
    }
    if (end < template.length()) {
      parts.add(new Literal(template.substring(end)));
    }
    if (!parts.contains(Field.BODY)) {
      throw new IllegalArgumentException("{body} is missing");
    }
    return new SignedText(parts);
  }

  private static Field field(String name) {
    return switch (name) {
      case "body" -> Field.BODY;
      case "timestamp" -> Field.TIMESTAMP;
      case "id" -> Field.ID;
      default -> throw new IllegalArgumentException("{" + name + "} is unknown");
    };
  }

  boolean signsTimestamp() {
    return parts.contains(Field.TIMESTAMP);
  }

  boolean signsId() {
    return parts.contains(Field.ID);
  }

  /**
   * Whether it is certain where this id begins and ends. Between an id and the body stands the
   * literal text alone, so an id that holds it could give a part of itself to the body, or take
   * one. Next to a time such a part would have to be ten digits or more. Where nothing stands
   * between, nothing can be said.
   */
  boolean delimits(String id) {
    int at = parts.indexOf(Field.ID);
    return at < 0 || (delimits(id, at, 1) && delimits(id, at, -1));
  }

  private boolean delimits(String id, int at, int step) {
    int beyond = at + 2 * step;
    if (beyond < 0
        || beyond >= parts.size()
        || !(parts.get(at + step) instanceof Literal(String literal))) {
      return true;
    }
    if (parts.get(beyond) != Field.TIMESTAMP) {
      return !id.contains(literal);
    }
    String quoted = Pattern.quote(literal);
    Pattern time = Pattern.compile(step > 0 ? quoted + "[0-9]{10}" : "[0-9]{10}" + quoted);
    return !time.matcher(id).find();
  }

  /** Feeds the text; header values go in exactly as received, never re-printed. */
  void feed(Mac mac, String timestamp, String id, byte[] body) {
    for (Part part : parts) {
      switch (part) {
        case Literal literal -> mac.update(literal.text().getBytes(StandardCharsets.UTF_8));
        case Field.BODY -> mac.update(body);
        case Field.TIMESTAMP -> mac.update(timestamp.getBytes(StandardCharsets.ISO_8859_1));
        case Field.ID -> mac.update(id.getBytes(StandardCharsets.ISO_8859_1));
      }
    }
  }
}
