package dev.vestibule.sink.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vestibule.config.ConfigException;
import dev.vestibule.config.ConfigLoader;
import dev.vestibule.config.SinkConfig;
import dev.vestibule.sink.access.target.AccessTarget;
import dev.vestibule.sink.access.target.AccessTarget.Capability;
import dev.vestibule.sink.access.target.http.Turnstile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TargetSettingTest {
  @TempDir Path folder;

  private AccessTarget open(String keys) throws IOException {
    Path file = folder.resolve("vestibule.yml");
    Files.writeString(
        file,
        "vestibule: { sinks: { doors: { type: access-control, rules: r.yml, " + keys + " } } }");
    @Nullable SinkConfig sink = ConfigLoader.load(file, folder, Map.of()).sinks().get("doors");
    return TargetSetting.open(Objects.requireNonNull(sink), Turnstile.OPEN, InstantSource.system());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "target: unifi-access, url: 'https://192.0.2.7:12445', token: t, lockdown-all-doors: true",
        "target: kisi, token: t",
        "target: brivo, client-id: c, client-secret: s, api-key: k, username: u, password: p",
        "target: brivo, client-id: c, client-secret: s, api-key: k, refresh-token: r",
        "target: gallagher, url: 'https://192.0.2.9:8904', token: t, division: /api/divisions/2,"
            + " key-field-id: '345', key-field-name: visitKey, key-group: '352'",
      })
  void aVendorsSystemIsOpenedWithWhatItNeeds(String keys) throws IOException {
    try (AccessTarget target = open(keys)) {
      assertThat(target.capabilities()).contains(Capability.READS_BACK);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "url: 'https://doors.example/hook'",
        "url: 'http://127.0.0.1:8123/hook', allowed-hosts: 127.0.0.1",
      })
  void aReceiverOfWebhooksIsReachedOverTlsOrOnThisMachine(String keys) throws IOException {
    try (AccessTarget target =
        open(
            "target: standard-webhooks, secrets: [whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw], "
                + keys)) {
      assertThat(target.capabilities()).isEqualTo(Set.of(Capability.LOCKS_DOWN));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "url: 'https://doors.example' | target: is missing; expected one of brivo, gallagher, kisi,"
            + " standard-webhooks, unifi-access",
        "target: unifi-acces | target: 'unifi-acces' is no target; did you mean 'unifi-access'?",
        "target: kisi | token: is missing; expected the API key of an administrator",
        "target: kisi, token: t, client-id: c | client-id: does not belong to target kisi; expected"
            + " contact, integration, marker, token, url",
        "target: kisi, token: t, marker: 'A b' | marker: 'A b' is no marker; expected 1 to 20 of"
            + " a-z and 0-9",
        "target: unifi-access, url: 'http://192.0.2.7', token: t | url: 'http://192.0.2.7' is no"
            + " address; expected one such as https://access.example",
        "target: unifi-access, url: 'https://192.0.2.7', token: t, lockdown-all-doors: maybe |"
            + " lockdown-all-doors: 'maybe'; expected true or false",
        "target: brivo, client-id: c, client-secret: s, api-key: k | username: expected username"
            + " and password, or refresh-token",
        "target: standard-webhooks, url: 'http://127.0.0.1:1/', secrets: whsec_a | url:"
            + " 'http://127.0.0.1:1/' is no address; expected one such as"
            + " https://doors.example/hook",
        "target: standard-webhooks, url: 'http://127.0.0.1.evil.example/', secrets: whsec_a,"
            + " allowed-hosts: 127.0.0.1 | url: 'http://127.0.0.1.evil.example/' is no address;"
            + " expected one such as https://doors.example/hook",
        "target: standard-webhooks, url: 'https://doors.example/', secrets: [topsecret] |"
            + " secrets[0]: is no signing key; expected whsec_ with base64 of 24 to 64 bytes, or"
            + " whsk_ with base64 of an ed25519 seed of 32 bytes",
      })
  void whatIsWrongIsNamedAndNoSecretIsShown(String keys, String problem) {
    assertThatThrownBy(() -> open(keys))
        .isInstanceOf(ConfigException.class)
        .hasMessage("vestibule.sinks.doors." + problem)
        .hasMessageNotContaining("topsecret");
  }

  @Test
  void aCertificateThatCannotBeReadIsNamed() {
    assertThatThrownBy(
            () -> open("target: unifi-access, url: 'https://192.0.2.7', token: t, trust: none.pem"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("vestibule.sinks.doors.trust: file '")
        .hasMessageContaining("none.pem' cannot be read; expected a PEM file");
  }
}
