package dev.vestibule.standalone.deadletters;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.vestibule.config.Display;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.events.DeadLetter;
import dev.vestibule.serde.AvroJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A dead letter in words and as JSON; never its body.
 *
 * @param replays of it, oldest first
 */
public record Description(Letter letter, List<Replayed> replays, TopicNames names) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String NONE = "-";

  public Description {
    replays = List.copyOf(replays);
  }

  /** What a table says about it. */
  public List<String> cells() {
    DeadLetter content = letter.content();
    return Stream.of(
            content.getDeadAt().toString(),
            letter.id().toString(),
            content.getStage(),
            content.getReason(),
            content.getSource() == null ? content.getVendor() : content.getSource(),
            letter.eventId() == null ? letter.key() : letter.eventId(),
            replays.isEmpty() ? null : "replayed " + replays.getLast().at())
        .map(cell -> cell == null ? NONE : Display.of(cell))
        .toList();
  }

  /** All that is known, as lines. */
  public List<String> lines() {
    DeadLetter content = letter.content();
    List<String> lines = new ArrayList<>();
    lines.add(letter.id().toString());
    line(lines, "given up by", content.getStage() + ", " + content.getDeadAt());
    line(lines, "reason", reason());
    line(lines, "source", sender());
    line(lines, "request", content.getRequestId());
    line(lines, "event", letter.eventId());
    line(lines, "visit", letter.key());
    line(lines, "came by", content.getPath());
    line(lines, "lies at", letter.origin().toString());
    line(lines, "original", original());
    line(lines, "replay of", letter.replayOf());
    for (Replayed replayed : replays) {
      line(lines, "replayed", replayed.at() + " by " + replayed.by() + " to " + replayed.to());
    }
    line(lines, "to do", Remedy.of(letter, names));
    if (!letter.headers().isEmpty()) {
      lines.add("  headers");
      letter
          .headers()
          .forEach((name, value) -> lines.add("    " + shown(name) + ": " + shown(value)));
    }
    return lines;
  }

  private static void line(List<String> lines, String name, @Nullable String value) {
    if (value != null) {
      lines.add("  %-13s%s".formatted(name, shown(value)));
    }
  }

  private String reason() {
    DeadLetter content = letter.content();
    return content.getReason()
        + (content.getField() == null ? "" : " at " + content.getField())
        + (content.getExpected() == null ? "" : ", expected " + content.getExpected());
  }

  private @Nullable String sender() {
    DeadLetter content = letter.content();
    String sender =
        Stream.of(
                content.getSource(),
                content.getVendor() == null ? null : "vendor " + content.getVendor(),
                content.getAccount() == null ? null : "account " + content.getAccount())
            .filter(part -> part != null)
            .collect(Collectors.joining(", "));
    return sender.isEmpty() ? null : sender;
  }

  private String original() {
    if (letter.isHealth()) {
      return "health data, which stays where it lies";
    }
    return letter.holdsOriginal()
        ? letter.content().getOriginal().remaining() + " bytes; --body prints them: personal data"
        : "not kept here; it is where it lies as long as that topic keeps it";
  }

  /** The same for programs. */
  public ObjectNode json() {
    DeadLetter content = letter.content();
    ObjectNode json = JSON.createObjectNode();
    json.put("id", letter.id().toString())
        .put("time", AvroJson.text(content.getDeadAt()))
        .put("stage", content.getStage())
        .put("reason", content.getReason())
        .put("field", content.getField())
        .put("expected", content.getExpected())
        .put("vendor", content.getVendor())
        .put("source", content.getSource())
        .put("account", content.getAccount())
        .put("request_id", content.getRequestId())
        .put("path", content.getPath())
        .put("event_id", letter.eventId())
        .put("visit", letter.key())
        .put("origin", letter.origin().toString())
        .put("health", letter.isHealth())
        .put("replay_of", letter.replayOf());
    var replayed = json.putArray("replays");
    for (Replayed replay : replays) {
      replayed
          .addObject()
          .put("at", replay.at().toString())
          .put("by", replay.by())
          .put("to", replay.to());
    }
    return json;
  }

  /** The same with headers and remedy. */
  public ObjectNode fullJson() {
    ObjectNode json = json();
    ObjectNode headers = json.putObject("headers");
    for (Map.Entry<String, String> header : letter.headers().entrySet()) {
      headers.put(header.getKey(), header.getValue());
    }
    return json.put("remedy", Remedy.of(letter, names));
  }

  /** One line whatever is in it, and nothing that a terminal obeys. */
  private static String shown(String text) {
    StringBuilder shown = new StringBuilder();
    text.codePoints()
        .map(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? '?' : c)
        .forEach(shown::appendCodePoint);
    return shown.toString();
  }
}
