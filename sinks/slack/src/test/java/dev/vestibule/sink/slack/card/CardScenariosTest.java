package dev.vestibule.sink.slack.card;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.vestibule.events.Alert;
import dev.vestibule.events.AlertSeverity;
import dev.vestibule.events.EventType;
import dev.vestibule.events.Sensitivity;
import dev.vestibule.events.VisitorEvent;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One file for each scenario: what happened, and the message as Slack gets it. After a wanted
 * change, {@code -Dcards.write=true} writes what is sent now into the files, to be read in the
 * diff.
 */
class CardScenariosTest {
  private static final Path FILES = Path.of("src/test/resources/cards");
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  static Stream<String> scenarios() throws IOException {
    try (Stream<Path> files = Files.list(FILES)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void messageIsAsTheFileSays(String file) throws IOException {
    ObjectNode scenario = (ObjectNode) JSON.readTree(FILES.resolve(file).toFile());
    Message message = message(scenario.required("given"));
    ObjectNode sent = JSON.createObjectNode().put("text", message.text());
    sent.set("blocks", JSON.readTree(message.blocks().toString()));
    sent.set("metadata", JSON.readTree(message.metadata().toString()));
    if (Boolean.getBoolean("cards.write")) {
      scenario.set("then", sent);
      Files.writeString(FILES.resolve(file), JSON.writeValueAsString(scenario) + "\n");
    }

    assertThat(sent).isEqualTo(scenario.required("then"));
    RenderedMessage.inspect(message.post("C0123"));
  }

  private static Message message(JsonNode given) {
    if (given.has("counts")) {
      Digest digest = Digest.at(Visits.NINE);
      for (var entry : given.get("counts").properties()) {
        for (int i = 0; i < entry.getValue().intValue(); i++) {
          digest = digest.plus(Phase.valueOf(entry.getKey()), Visits.NINE.plusSeconds(i));
        }
      }
      return digest.message("digest-1", 2);
    }
    if (given.has("alerts")) {
      @Nullable AlertView view = null;
      for (JsonNode said : given.get("alerts")) {
        Alert alert = alert(said);
        view = view == null ? AlertView.of(alert) : view.with(alert);
      }
      return Objects.requireNonNull(view).message("4f2a", 7);
    }
    @Nullable VisitView view = null;
    for (JsonNode said : given.required("events")) {
      VisitorEvent event = event(said);
      view = view == null ? VisitView.of(event) : view.with(event);
      JsonNode asked = said.get("asked");
      if (asked != null) {
        view = Objects.requireNonNull(view).asking(asked(asked));
      }
    }
    return VisitCard.of(Objects.requireNonNull(view), "4f2a", 7);
  }

  private static Alert alert(JsonNode said) {
    Alert alert = Alerts.alert(said.required("kind").textValue(), said.path("minute").intValue());
    alert.setAlertId(said.path("id").asText("a-1"));
    alert.setSeverity(AlertSeverity.valueOf(said.required("severity").textValue()));
    alert.setSource(said.path("source").textValue());
    alert.setSiteId(said.path("site").textValue());
    alert.setEventId(said.path("event").textValue());
    alert.setVisitKey(said.path("visit").textValue());
    Map<String, String> details = new TreeMap<>();
    said.path("details")
        .properties()
        .forEach(detail -> details.put(detail.getKey(), detail.getValue().textValue()));
    alert.setDetails(details);
    return alert;
  }

  private static VisitorEvent event(JsonNode said) {
    VisitorEvent event =
        Visits.event(
            EventType.valueOf(said.required("type").textValue()), said.path("minute").intValue());
    if (said.has("sensitivity")) {
      event.setSensitivity(Sensitivity.valueOf(said.get("sensitivity").textValue()));
    }
    if (said.has("visitor")) {
      event.getPerson().setFullName(said.get("visitor").textValue());
    }
    if (said.has("host")) {
      event.getHost().setFullName(said.get("host").textValue());
    }
    if (said.has("site")) {
      event.getSite().setName(said.get("site").textValue());
    }
    if (said.has("received")) {
      event.setReceivedAt(Instant.parse(said.get("received").textValue()));
    }
    return event;
  }

  private static Asked asked(JsonNode asked) {
    Instant at = Instant.parse(asked.required("at").textValue());
    return switch (asked.required("state").textValue()) {
      case "pending" ->
          new Asked.Pending(
              1,
              "v1.0123456789abcdefghijkl",
              !asked.has("denyOnly"),
              asked.has("entry") ? URI.create(asked.get("entry").textValue()) : null,
              at);
      case "approved" -> new Asked.Answered(true, "U2CERLKJA", at);
      case "denied" -> new Asked.Answered(false, "U2CERLKJA", at);
      case "expired" -> new Asked.Expired(at);
      default -> throw new IllegalArgumentException("no state of a question");
    };
  }
}
