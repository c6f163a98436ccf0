package dev.vestibule.sink.slack.click;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InteractionTest {
  private static final String CLICK =
      """
      {"type":"block_actions","api_app_id":"A0AAA","team":{"id":"T1DC2JH3J"},
       "user":{"id":"U2CERLKJA","username":"sam","team_id":"T1DC2JH3J"},
       "container":{"type":"message","message_ts":"1768467600.000100","channel_id":"C0123"},
       "response_url":"https://hooks.slack.com/actions/T1DC2JH3J/1/abc","trigger_id":"1.2.3",
       "actions":[{"action_id":"visit_approve","block_id":"review:1","type":"button",
         "value":"v1.0123456789abcdefghijkl","action_ts":"1768467660.123456"}]}
      """;

  private static byte[] form(String payload) {
    return ("payload=" + URLEncoder.encode(payload, StandardCharsets.UTF_8))
        .getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  void clickIsReadAsAnAnswer() {
    assertThat(Interaction.of(form(CLICK)))
        .isEqualTo(
            new Interaction.Clicked(
                new Answer(
                    true,
                    "v1.0123456789abcdefghijkl",
                    "U2CERLKJA",
                    "T1DC2JH3J",
                    "T1DC2JH3J",
                    "A0AAA",
                    "C0123",
                    "1768467600.000100",
                    "1768467660.123456",
                    URI.create("https://hooks.slack.com/actions/T1DC2JH3J/1/abc"))));
  }

  @Test
  void denyIsRead() {
    assertThat(Interaction.of(form(CLICK.replace("visit_approve", "visit_deny"))))
        .isInstanceOfSatisfying(
            Interaction.Clicked.class, clicked -> assertThat(clicked.answer().approve()).isFalse());
  }

  @ParameterizedTest
  @CsvSource({
    "visit_approve, visit_open, visit_open",
    "visit_approve, delete_all, other_action",
    "block_actions, view_submission, view_submission"
  })
  void everythingElseIsLeftAlone(String from, String to, String type) {
    assertThat(Interaction.of(form(CLICK.replace(from, to))))
        .isEqualTo(new Interaction.Other(type));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "U2CERLKJA | <!channel> | user.id",
        "\"U2CERLKJA\" | 7 | user.id",
        "\"U2CERLKJA\" | {\"id\":\"U1\"} | user.id",
        "\"id\":\"T1DC2JH3J\" | \"id\":\"t1\" | team.id",
        "\"team_id\":\"T1DC2JH3J\" | \"team_id\":\"x\" | user.team_id",
        "A0AAA | B0AAA | api_app_id",
        "C0123 | general | container.channel_id",
        "1768467600.000100 | now | container.message_ts",
        "1768467660.123456 | '' | actions.0.action_ts",
        "v1.0123456789abcdefghijkl | v1.short | actions.0.value",
        "v1.0123456789abcdefghijkl | v2.0123456789abcdefghijkl | actions.0.value",
        "hooks.slack.com/ | hooks.slack.com.evil.example/ | response_url",
        "hooks.slack.com/ | hooks.slack.com@evil.example/ | response_url",
        "https://hooks | http://hooks | response_url",
        "https://hooks.slack.com/actions | file:///etc | response_url",
        "\"actions\":[{ | \"actions\":[{},{ | actions",
        "\"actions\":[ | \"steps\":[ | actions",
        "\"api_app_id\":\"A0AAA\" | \"api_app_id\":\"A0AAA\",\"type\":\"x\" | payload"
      })
  void fieldThatIsNotAsSlackWritesItIsNamed(String from, String to, String field) {
    assertThat(Interaction.of(form(CLICK.replace(from, to))))
        .isEqualTo(new Interaction.Unreadable(field));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "payload",
        "body=%7B%7D",
        "payload=%7B%7D&payload=%7B%7D",
        "token=x&payload=%7B%7D",
        "payload=%7",
        "payload=%zz",
        "payload=%FF%FE",
        "payload=%C0%80"
      })
  void bodyIsAFormOfOneField(String body) {
    assertThat(Interaction.of(body.getBytes(StandardCharsets.ISO_8859_1)))
        .isEqualTo(new Interaction.Unreadable("body"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "null", "7", "{", "{}{}", "{\"type\":\"a\",\"type\":\"b\"}"})
  void payloadIsOneObject(String payload) {
    assertThat(Interaction.of(form(payload))).isEqualTo(new Interaction.Unreadable("payload"));
  }

  @Test
  void deepOrLongPayloadsAreRefused() {
    assertThat(Interaction.of(form("{\"a\":" + "[".repeat(50_000))))
        .isEqualTo(new Interaction.Unreadable("payload"));
    assertThat(Interaction.of(form(" ".repeat(300_000))))
        .isEqualTo(new Interaction.Unreadable("body"));
  }

  @Test
  void damagedBodiesNeverThrow() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      byte[] body = form(CLICK);
      for (int change = random.nextInt(4); change >= 0; change--) {
        body[random.nextInt(body.length)] = (byte) random.nextInt(256);
      }

      assertThat(Interaction.of(body)).as("seed %s, body %s", seed, i).isNotNull();
    }
  }

  @Test
  void twoClicksOfOneTimePersonAndButtonAreOne() {
    Interaction once = Interaction.of(form(CLICK));
    Interaction deny = Interaction.of(form(CLICK.replace("visit_approve", "visit_deny")));

    assertThat(((Interaction.Clicked) once).answer().key())
        .isNotEqualTo(((Interaction.Clicked) deny).answer().key());
    assertThat(once.toString()).doesNotContain("v1.", "hooks.slack.com");
  }
}
