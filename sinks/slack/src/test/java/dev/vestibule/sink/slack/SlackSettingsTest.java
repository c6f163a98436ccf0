package dev.vestibule.sink.slack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vestibule.config.ConfigException;
import dev.vestibule.config.ConfigLoader;
import dev.vestibule.config.SinkConfig;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.events.EventType;
import dev.vestibule.sink.slack.card.Visits;
import dev.vestibule.sink.slack.route.Destination;
import dev.vestibule.sink.slack.route.Routes.Posting;
import dev.vestibule.sink.slack.vendor.Transitions;
import dev.vestibule.sink.slack.web.SlackClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SlackSettingsTest {
  @TempDir Path folder;

  private SlackSettings settings(String more) throws IOException {
    Path file = folder.resolve("vestibule.yml");
    Files.writeString(
        file,
        """
        vestibule:
          sources:
            lobby: { vendor: envoy, secrets: ["lobby-secret"] }
            plant: { vendor: essentry, auth: { scheme: static-header, header: X-Key, value: plant-secret } }
          sinks:
            frontdesk: { type: slack, signing-secrets: ["s"], %s }
        """
            .formatted(more));
    VestibuleConfig config = ConfigLoader.load(file, folder, Map.of());
    SinkConfig sink = Objects.requireNonNull(config.sinks().get("frontdesk"));
    return SlackSettings.of(config, sink);
  }

  private void rules(String text) throws IOException {
    Files.writeString(folder.resolve("slack.yml"), text);
  }

  @Test
  void aTokenIsEnoughAndNobodyIsToldAnything() throws Exception {
    SlackSettings settings = settings("token: xoxb-1");

    assertThat(settings.token().reveal()).isEqualTo("xoxb-1");
    assertThat(settings.api()).isEqualTo(SlackClient.SLACK);
    assertThat(settings.team()).isNull();
    assertThat(settings.app()).isNull();
    assertThat(settings.transitions()).isNull();
    assertThat(settings.routes().isSilent()).isTrue();
  }

  @Test
  void everyKeyIsRead() throws Exception {
    SlackSettings settings =
        settings(
            "token: xoxb-1, channel: C012AB3CD, team: T012AB3CD, app: A012AB3CD,"
                + " api-url: 'http://127.0.0.1:1/api/', transitions-token: t,"
                + " transitions-url: 'https://essentry.example/'");

    assertThat(settings.api()).hasToString("http://127.0.0.1:1/api/");
    assertThat(settings.team()).isEqualTo("T012AB3CD");
    assertThat(settings.app()).isEqualTo("A012AB3CD");
    assertThat(Objects.requireNonNull(settings.transitions()).url())
        .hasToString("https://essentry.example/");
    assertThat(settings.routes().of(Visits.event(EventType.SIGNED_IN, 0)))
        .extracting(Posting::to)
        .containsExactly(new Destination.Channel("C012AB3CD"));
  }

  @Test
  void aTokenOfEssentryIsSentToEssentry() throws Exception {
    assertThat(
            Objects.requireNonNull(settings("token: x, transitions-token: t").transitions()).url())
        .isEqualTo(Transitions.ESSENTRY);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "app: A012AB3CD | token | is missing; expected the bot's token",
        "token: 'a b' | token | is no token; expected visible ASCII without blanks",
        "token: x, team: acme | team | 'acme'; expected the id of a workspace",
        "token: x, app: C012AB3CD | app | 'C012AB3CD'; expected the id of an app",
        "token: x, channel: '#lobby' | channel | '#lobby'; expected the id of a channel",
        "token: x, api-url: 'http://slack.example/' | api-url | 'http://slack.example/'; expected an https address such as https://slack.com/api/",
        "token: x, api-url: slack.com | api-url | 'slack.com'; expected an https address",
        "token: x, transitions-token: t, transitions-url: 'http://a.example' | transitions-url | 'http://a.example'; expected an https address such as https://app.essentry.com/",
        "token: x, transitions-token: 'a b' | transitions-token | is no token; expected visible ASCII",
      })
  void whatCannotBeUsedIsNamed(String more, String key, String problem) {
    assertThatThrownBy(() -> settings(more))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("vestibule.sinks.frontdesk." + key + ": " + problem);
  }

  @Test
  void aChannelBesideRulesIsRefused() throws Exception {
    rules("routes: [{ source: lobby, channel: C012AB3CD }]");

    assertThatThrownBy(() -> settings("token: x, channel: C012AB3CD, rules: slack.yml"))
        .isInstanceOf(ConfigException.class)
        .hasMessage(
            "vestibule.sinks.frontdesk.channel: is given and rules too; expected only one of them");
  }

  @Test
  void rulesThatNameTransitionsNeedAToken() throws Exception {
    rules(
        "reviewers: [{ source: plant, users: [U012AB3CD], approve-transition: Yes,"
            + " deny-transition: No }]");

    assertThatThrownBy(() -> settings("token: x, rules: slack.yml"))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith(
            "vestibule.sinks.frontdesk.transitions-token: is missing; expected a token of"
                + " essentry");
  }

  @Test
  void rulesThatReadMoreThanTheSinkIsGrantedAreRefused() throws Exception {
    rules("routes: [{ source: lobby, channel: C012AB3CD, sensitivities: [restricted] }]");

    assertThatThrownBy(() -> settings("token: x, rules: slack.yml"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("'restricted' is not granted to this sink");
  }

  @Test
  void secretsDoNotPrint() throws Exception {
    assertThat(settings("token: xoxb-very-secret, transitions-token: also-secret").toString())
        .doesNotContain("xoxb-very-secret")
        .doesNotContain("also-secret");
  }
}
