package dev.vestibule.sink.slack;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.jsontype.NamedType;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.sink.UnreadableStateException;
import dev.vestibule.sink.slack.card.AlertView;
import dev.vestibule.sink.slack.card.Asked;
import dev.vestibule.sink.slack.card.Digest;
import dev.vestibule.sink.slack.card.View;
import dev.vestibule.sink.slack.card.VisitView;
import dev.vestibule.sink.slack.click.Question;
import dev.vestibule.sink.slack.message.MessageState;
import dev.vestibule.sink.slack.message.MessageState.Place;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;
import java.time.Instant;

/**
 * Messages and questions as bytes for a compacted topic: JSON with a version of its own, sealed
 * with the identity key, since names and the tokens of buttons are in it. Nobody but the sink reads
 * them.
 *
 * <p>What is not understood is an error, never an empty state: a forgotten message is posted twice.
 */
final class StateFormat {
  private static final int VERSION = 1;
  private static final String PURPOSE = "slack-messages";
  private static final JsonMapper JSON = mapper();

  private final IdentityKey identity;

  StateFormat(IdentityKey identity) {
    this.identity = identity;
  }

  byte[] write(MessageState message) {
    return bytes("message", message);
  }

  byte[] write(Question question) {
    return bytes("question", question);
  }

  MessageState message(byte[] value) {
    return read("message", value, MessageState.class);
  }

  Question question(byte[] value) {
    return read("question", value, Question.class);
  }

  private byte[] bytes(String what, Object state) {
    ObjectNode json = JSON.createObjectNode().put("v", VERSION);
    json.set(what, JSON.valueToTree(state));
    try {
      return identity.seal(PURPOSE, JSON.writeValueAsBytes(json));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private <T> T read(String what, byte[] value, Class<T> type) {
    try {
      JsonNode json = JSON.readTree(identity.open(PURPOSE, value));
      if (json.path("v").asInt() != VERSION) {
        throw new IOException("version " + json.path("v"));
      }
      return JSON.treeToValue(json.required(what), type);
    } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
      throw new UnreadableStateException(
          "a stored " + what, "without it messages would be posted twice", e);
    }
  }

  private static JsonMapper mapper() {
    return JsonMapper.builder()
        .addMixIn(View.class, Typed.class)
        .addMixIn(Place.class, Typed.class)
        .addMixIn(Asked.class, Typed.class)
        .addModule(
            new SimpleModule()
                .addSerializer(new InstantWriter())
                .addDeserializer(Instant.class, new InstantReader()))
        .defaultPropertyInclusion(
            JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
        // The components, and nothing that is computed from them.
        .visibility(PropertyAccessor.FIELD, JsonAutoDetect.Visibility.ANY)
        .visibility(PropertyAccessor.GETTER, JsonAutoDetect.Visibility.NONE)
        .visibility(PropertyAccessor.IS_GETTER, JsonAutoDetect.Visibility.NONE)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
        .registerSubtypes(
            new NamedType(VisitView.class, "visit"),
            new NamedType(Digest.class, "digest"),
            new NamedType(AlertView.class, "alert"),
            new NamedType(Place.Nowhere.class, "nowhere"),
            new NamedType(Place.Perhaps.class, "perhaps"),
            new NamedType(Place.There.class, "there"),
            new NamedType(Place.Gone.class, "gone"),
            new NamedType(Asked.Pending.class, "pending"),
            new NamedType(Asked.Answered.class, "answered"),
            new NamedType(Asked.Expired.class, "expired"),
            new NamedType(Asked.Settled.class, "settled"))
        .build();
  }

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "is")
  private interface Typed {}

  private static final class InstantWriter extends StdSerializer<Instant> {
    private static final long serialVersionUID = 1L;

    InstantWriter() {
      super(Instant.class);
    }

    @Override
    public void serialize(Instant value, JsonGenerator json, SerializerProvider provider)
        throws IOException {
      json.writeString(value.toString());
    }
  }

  private static final class InstantReader extends StdDeserializer<Instant> {
    private static final long serialVersionUID = 1L;

    InstantReader() {
      super(Instant.class);
    }

    @Override
    public Instant deserialize(JsonParser json, DeserializationContext context) throws IOException {
      return Instant.parse(json.getValueAsString(""));
    }
  }
}
