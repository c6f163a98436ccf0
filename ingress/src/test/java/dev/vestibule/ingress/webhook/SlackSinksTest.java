package dev.vestibule.ingress.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.config.Secret;
import dev.vestibule.config.SinkConfig;
import dev.vestibule.ingress.signature.Verifier;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SlackSinksTest {
  private static final Secret OLD = new Secret("old-secret");
  private static final Secret NEW = new Secret("new-secret");

  @Test
  void onlySinksThatShowVisitsInSlackAreAskedForSecrets() {
    assertThat(
            SlackSinks.secretsOf(
                List.of(
                    sink("frontdesk", "slack", Map.of("signing-secrets", "old-secret\nnew-secret")),
                    sink("silent", "slack", Map.of("token", "t")),
                    sink("empty", "slack", Map.of("signing-secrets", "")),
                    sink("doors", "access-control", Map.of("signing-secrets", "x")))))
        .isEqualTo(Map.of("frontdesk", List.of(OLD, NEW), "silent", List.of(), "empty", List.of()));
  }

  @Test
  void whoListsNoSecretIsNotServed() {
    SlackSinks sinks = SlackSinks.of(Map.of("silent", List.of(), "frontdesk", List.of(OLD)));

    assertThat(sinks.find("silent")).isNull();
    assertThat(sinks.find("nobody")).isNull();
    assertThat(sinks.find("frontdesk")).isNotNull();
  }

  @Test
  void whatIsListedLaterCountsFromThenOn() {
    SlackSinks sinks = SlackSinks.of(Map.of("silent", List.of(), "frontdesk", List.of(OLD)));

    sinks.takeSecretsOf(Map.of("silent", List.of(NEW), "frontdesk", List.of()));

    assertThat(sinks.find("silent")).isNotNull();
    assertThat(sinks.find("frontdesk")).isNull();
  }

  @Test
  void whatHasNotChangedStaysAsItIsAndANewSinkWaitsForARestart() {
    SlackSinks sinks = SlackSinks.of(Map.of("frontdesk", List.of(OLD), "lobby", List.of(OLD)));
    Verifier before = sinks.find("frontdesk");
    Verifier lobby = sinks.find("lobby");

    sinks.takeSecretsOf(Map.of("frontdesk", List.of(OLD), "annex", List.of(NEW)));

    assertThat(sinks.find("frontdesk")).isSameAs(before);
    assertThat(sinks.find("lobby")).as("is not listed any more").isSameAs(lobby);
    assertThat(sinks.find("annex")).isNull();
  }

  private static SinkConfig sink(String name, String type, Map<String, String> settings) {
    return new SinkConfig(name, type, Set.of(), settings);
  }
}
