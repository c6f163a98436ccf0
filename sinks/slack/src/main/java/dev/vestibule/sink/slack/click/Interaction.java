package dev.vestibule.sink.slack.click;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.vestibule.sink.slack.card.SlackIds;
import dev.vestibule.sink.slack.card.VisitCard;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a genuine request of Slack's says. */
public sealed interface Interaction {

  /** Somebody clicked a button of a review. */
  record Clicked(Answer answer) implements Interaction {}

  /** Nothing that anything follows from: a link was opened, or another kind of interaction. */
  record Other(String type) implements Interaction {}

  /**
   * No interaction as Slack sends it.
   *
   * @param field where in it, as a fixed word
   */
  record Unreadable(String field) implements Interaction {}

  /**
   * Reads the body of a request.
   *
   * @param body a form with one field {@code payload}, which is JSON
   */
  static Interaction of(byte[] body) {
    try {
      return Payload.read(body);
    } catch (Payload.UnreadableException e) {
      return new Unreadable(e.field);
    }
  }

  /** Takes it apart, and believes nothing. */
  final class Payload {
    private static final Pattern APP = Pattern.compile("A[A-Z0-9]{1,30}");
    private static final Pattern TEAM = Pattern.compile("[TE][A-Z0-9]{1,30}");
    private static final Pattern TOKEN = Pattern.compile("v1\\.[A-Za-z0-9_-]{16,128}");
    private static final Pattern TYPE = Pattern.compile("[a-z_]{1,40}");
    private static final String FIELD = "payload=";
    private static final int MOST_CHARACTERS = 256 * 1024;
    private static final JsonMapper JSON =
        JsonMapper.builder(
                JsonFactory.builder()
                    .streamReadConstraints(
                        StreamReadConstraints.builder().maxNestingDepth(60).build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private Payload() {}

    private static final class UnreadableException extends Exception {
      private static final long serialVersionUID = 1L;
      private final String field;

      UnreadableException(String field) {
        super(field, null, false, false);
        this.field = field;
      }
    }

    private static Interaction read(byte[] body) throws UnreadableException {
      JsonNode json = json(form(body));
      String type = text(json, "/type", TYPE.asMatchPredicate());
      if (!type.equals("block_actions")) {
        return new Other(type);
      }
      JsonNode actions = json.path("actions");
      if (!actions.isArray() || actions.size() != 1) {
        throw new UnreadableException("actions");
      }
      String action = text(json, "/actions/0/action_id", id -> id.length() <= 255);
      boolean approve = action.equals(VisitCard.APPROVE);
      if (!approve && !action.equals(VisitCard.DENY)) {
        return new Other(action.equals(VisitCard.OPEN) ? action : "other_action");
      }
      return new Clicked(
          new Answer(
              approve,
              text(json, "/actions/0/value", TOKEN.asMatchPredicate()),
              text(json, "/user/id", SlackIds::isUser),
              optional(json, "/user/team_id", TEAM.asMatchPredicate()),
              text(json, "/team/id", TEAM.asMatchPredicate()),
              text(json, "/api_app_id", APP.asMatchPredicate()),
              text(json, "/container/channel_id", SlackIds::isChannel),
              text(json, "/container/message_ts", SlackIds::isTs),
              text(json, "/actions/0/action_ts", SlackIds::isTs),
              responseUrl(json)));
    }

    private static JsonNode json(String text) throws UnreadableException {
      try {
        JsonNode json = JSON.readTree(text);
        if (!json.isObject()) {
          throw new UnreadableException("payload");
        }
        return json;
      } catch (JacksonException e) {
        throw new UnreadableException("payload");
      }
    }

    /** The one field of the form. A second one could be read by somebody else instead. */
    private static String form(byte[] body) throws UnreadableException {
      if (body.length > MOST_CHARACTERS) {
        throw new UnreadableException("body");
      }
      String form = new String(body, StandardCharsets.ISO_8859_1);
      if (!form.startsWith(FIELD) || form.indexOf('&') >= 0) {
        throw new UnreadableException("body");
      }
      ByteBuffer bytes = ByteBuffer.allocate(form.length());
      for (int i = FIELD.length(); i < form.length(); i++) {
        char c = form.charAt(i);
        if (c == '%') {
          int high = i + 2 < form.length() ? Character.digit(form.charAt(i + 1), 16) : -1;
          int low = high < 0 ? -1 : Character.digit(form.charAt(i + 2), 16);
          if (low < 0) {
            throw new UnreadableException("body");
          }
          bytes.put((byte) (high * 16 + low));
          i += 2;
        } else {
          bytes.put((byte) (c == '+' ? ' ' : c));
        }
      }
      try {
        return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
      } catch (CharacterCodingException e) {
        throw new UnreadableException("body");
      }
    }

    private static String text(JsonNode json, String pointer, Predicate<String> form)
        throws UnreadableException {
      JsonNode node = json.at(pointer);
      if (!node.isTextual() || !form.test(node.textValue())) {
        throw new UnreadableException(pointer.substring(1).replace('/', '.'));
      }
      return node.textValue();
    }

    private static @Nullable String optional(JsonNode json, String pointer, Predicate<String> form)
        throws UnreadableException {
      JsonNode node = json.at(pointer);
      return node.isMissingNode() || node.isNull() ? null : text(json, pointer, form);
    }

    /** We will post there, so it must be Slack's. */
    private static @Nullable URI responseUrl(JsonNode json) throws UnreadableException {
      String text = optional(json, "/response_url", url -> url.length() <= 2000);
      if (text == null) {
        return null;
      }
      try {
        URI url = new URI(text);
        boolean slacks =
            "https".equals(url.getScheme())
                && "hooks.slack.com".equals(url.getRawAuthority())
                && url.getRawFragment() == null;
        if (slacks) {
          return url;
        }
      } catch (URISyntaxException e) {
        // as any other that is not Slack's
      }
      throw new UnreadableException("response_url");
    }
  }
}
