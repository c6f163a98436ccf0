package dev.vestibule.sink.slack;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.contract.VisitVersion;
import dev.vestibule.events.Alert;
import dev.vestibule.events.EventType;
import dev.vestibule.events.Sensitivity;
import dev.vestibule.sink.UnreadableStateException;
import dev.vestibule.sink.slack.card.AlertView;
import dev.vestibule.sink.slack.card.Alerts;
import dev.vestibule.sink.slack.card.Asked;
import dev.vestibule.sink.slack.card.Digest;
import dev.vestibule.sink.slack.card.Phase;
import dev.vestibule.sink.slack.card.View;
import dev.vestibule.sink.slack.card.VisitView;
import dev.vestibule.sink.slack.card.Visits;
import dev.vestibule.sink.slack.click.Question;
import dev.vestibule.sink.slack.click.Question.Given;
import dev.vestibule.sink.slack.click.Question.Over;
import dev.vestibule.sink.slack.click.Question.VendorTold;
import dev.vestibule.sink.slack.message.MessageState;
import dev.vestibule.sink.slack.message.MessageState.Origin;
import dev.vestibule.sink.slack.message.MessageState.Place;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What sinks have stored stays readable: the form of version 1 is in a file, which {@code
 * -Dstates.write=true} writes anew. Where it changes, states that are out there must still be read.
 */
class StateFormatTest {
  private static final String PURPOSE = "slack-messages";
  private static final Path FORM = Path.of("src/test/resources/states/version-1.json");
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .build();

  private final IdentityKey identity = new IdentityKey(new byte[32]);
  private final StateFormat format = new StateFormat(identity);

  private static VisitView visit(@Nullable Asked asked) {
    return Objects.requireNonNull(VisitView.of(Visits.event(EventType.REVIEW_REQUIRED, 0)))
        .asking(asked);
  }

  private static MessageState message(View view, Place place) {
    return new MessageState(
        new Origin("key", "C012AB3CD", "visit-key", true, Set.of(Sensitivity.STANDARD)),
        view,
        VisitVersion.of(Visits.event(EventType.UPDATED, 2)),
        VisitVersion.of(Visits.event(EventType.REVIEW_REQUIRED, 0)),
        VisitVersion.of(Visits.event(EventType.APPROVED, 1)),
        3,
        2,
        "look",
        place,
        true,
        Phase.REVIEW,
        Visits.NINE.plusNanos(123_456_789));
  }

  private static Map<String, MessageState> messages() {
    Place there = new Place.There("C012AB3CD", "1700000000.000100", true);
    Alert alert = Alerts.unscreened("visit-key", 3);
    Map<String, MessageState> messages = new LinkedHashMap<>();
    messages.put("nowhere", message(visit(null), new Place.Nowhere()));
    messages.put("perhaps", message(visit(null), new Place.Perhaps(Visits.NINE)));
    messages.put("gone", message(visit(null), new Place.Gone()));
    messages.put(
        "pending",
        message(
            visit(
                new Asked.Pending(
                    1,
                    "v1.0123456789abcdef",
                    true,
                    URI.create("https://example.com/entries/1"),
                    Visits.NINE)),
            there));
    messages.put("answered", message(visit(new Asked.Answered(true, "U0SAM", Visits.NINE)), there));
    messages.put("expired", message(visit(new Asked.Expired(Visits.NINE)), there));
    messages.put("settled", message(visit(new Asked.Settled()), there));
    messages.put("alert", message(AlertView.of(alert), there));
    messages.put(
        "digest", message(Digest.at(Visits.NINE).plus(Phase.SIGNED_OUT, Visits.NINE), there));
    messages.put(
        "bare",
        new MessageState(
            new Origin("key", "U012AB3CD", null, false, Set.of()),
            VisitView.review(Visits.NINE),
            null,
            null,
            null,
            1,
            0,
            null,
            new Place.Nowhere(),
            false,
            null,
            Visits.NINE));
    return messages;
  }

  private static Map<String, Question> questions() {
    Question full =
        new Question(
            "visit-key",
            2,
            "v1.0123456789abcdef",
            "lobby",
            "v-1001",
            "hq",
            "event",
            "decision",
            "U0HOST",
            Visits.NINE,
            new Given(false, "U0SAM", Visits.NINE, "1700000000.000100 U0SAM deny"),
            Over.EXPIRED,
            VendorTold.UNDER_WAY);
    Question bare =
        new Question(
            "visit-key",
            1,
            "v1.0123456789abcdef",
            "lobby",
            null,
            null,
            null,
            null,
            null,
            Visits.NINE,
            null,
            null,
            VendorTold.NOT);
    return Map.of("full", full, "bare", bare);
  }

  @Test
  void whatIsWrittenIsRead() {
    messages()
        .forEach((name, message) ->
            assertThat(format.message(format.write(message))).as(name).isEqualTo(message));
    questions()
        .forEach((name, question) ->
            assertThat(format.question(format.write(question))).as(name).isEqualTo(question));
  }

  @Test
  void theFormIsThatOfVersionOne() throws Exception {
    ObjectNode form = JSON.createObjectNode();
    for (Map.Entry<String, MessageState> one : messages().entrySet()) {
      form.set("message " + one.getKey(), opened(format.write(one.getValue())));
    }
    for (String name : new String[] {"full", "bare"}) {
      form.set("question " + name, opened(format.write(questions().get(name))));
    }
    if (Boolean.getBoolean("states.write")) {
      Files.createDirectories(FORM.getParent());
      Files.writeString(FORM, JSON.writeValueAsString(form) + "\n");
    }
    assertThat(form).isEqualTo(JSON.readTree(Files.readString(FORM)));
  }

  @Test
  void whatVersionOneHasStoredIsRead() throws Exception {
    JsonNode stored = JSON.readTree(Files.readString(FORM));
    messages()
        .forEach((name, message) ->
            assertThat(format.message(sealed(stored.get("message " + name))))
                .as(name)
                .isEqualTo(message));
    questions()
        .forEach((name, question) ->
            assertThat(format.question(sealed(stored.get("question " + name))))
                .as(name)
                .isEqualTo(question));
  }

  private JsonNode opened(byte[] value) throws Exception {
    return JSON.readTree(identity.open(PURPOSE, value));
  }

  private byte[] sealed(JsonNode json) {
    return identity.seal(PURPOSE, json.toString().getBytes(UTF_8));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "{}",
        "{\"v\":1}",
        "{\"v\":2,\"message\":{}}",
        "{\"v\":1,\"question\":{}}",
        "{\"v\":1,\"message\":{\"of tomorrow\":1}}",
      })
  void whatIsNotUnderstoodIsNoEmptyState(String text) {
    assertThatThrownBy(() -> format.message(identity.seal(PURPOSE, text.getBytes(UTF_8))))
        .isInstanceOf(UnreadableStateException.class)
        .hasMessageContaining("a stored message is not readable by this release");
  }

  @Test
  void aNewerVersionIsRefusedWholeThoughItLooksAlike() throws Exception {
    MessageState message = Objects.requireNonNull(messages().get("pending"));
    ObjectNode json = (ObjectNode) opened(format.write(message));
    assertThat(format.message(sealed(json))).isEqualTo(message);

    assertThatThrownBy(() -> format.message(sealed(json.put("v", 2))))
        .isInstanceOf(UnreadableStateException.class);
  }

  @Test
  void aNumberThatIsMissingIsNotZero() throws Exception {
    MessageState message = Objects.requireNonNull(messages().get("pending"));
    for (String part : new String[] {"wanted", "shown", "plain"}) {
      ObjectNode json = (ObjectNode) opened(format.write(message));
      ((ObjectNode) json.get("message")).remove(part);

      assertThatThrownBy(() -> format.message(sealed(json)))
          .as(part)
          .isInstanceOf(UnreadableStateException.class);
    }
  }

  @Test
  void nobodyIsNamedInClear() {
    byte[] pending = format.write(Objects.requireNonNull(messages().get("pending")));

    assertThat(new String(pending, UTF_8)).doesNotContain("Ada").doesNotContain("v1.01234");
    assertThat(pending).hasSizeLessThan(2_000);
  }

  @Test
  void bytesThatWereNotSealedHereAreRefused() {
    byte[] other = new byte[32];
    other[0] = 1;
    byte[] written = format.write(Objects.requireNonNull(messages().get("gone")));

    assertThatThrownBy(() -> new StateFormat(new IdentityKey(other)).message(written))
        .isInstanceOf(UnreadableStateException.class);
    assertThatThrownBy(() -> format.message(new byte[0]))
        .isInstanceOf(UnreadableStateException.class);
    assertThatThrownBy(() -> format.message("{\"v\":1}".getBytes(UTF_8)))
        .isInstanceOf(UnreadableStateException.class);
    assertThatThrownBy(() -> format.question(written))
        .isInstanceOf(UnreadableStateException.class)
        .hasMessageContaining("a stored question");
  }
}
