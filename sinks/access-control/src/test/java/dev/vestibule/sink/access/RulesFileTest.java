package dev.vestibule.sink.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vestibule.config.ConfigException;
import dev.vestibule.events.EventType;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.sink.access.target.AccessTarget.Capability;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RulesFileTest {
  private final RulesFile file = new RulesFile(List.of("lobby"), List.of("doors"));

  private static String rule(String more) {
    return "sites: [{ source: lobby, site: hq, target: doors, zones: [a], from: signed-in, "
        + "until: signed-in + 8h"
        + more
        + " }]";
  }

  @Test
  void defaultsAreTheSafeOnes() {
    Rules rules = file.parse(rule(""));

    assertThat(rules.maxAge()).isEqualTo(Duration.ofMinutes(15));
    assertThat(rules.alarmAfter()).isEqualTo(Duration.ofMinutes(5));
    assertThat(rules.sites().getFirst().window().cap()).isEqualTo(Duration.ofHours(24));
    assertThat(rules.sites().getFirst().on()).containsExactly(EventType.SIGNED_IN);
  }

  @Test
  void noRulesOpenNothing() {
    assertThat(file.parse("").match("doors", "lobby", "hq", EventType.SIGNED_IN))
        .isEqualTo(new Rules.Match.Unknown());
  }

  @Test
  void everyKeyIsRead() {
    Rules rules =
        file.parse(
            """
            max-age: 5m
            max-window: 12h
            alarm-after: 2m
            sites:
              - { source: lobby, site: "0143", target: doors, zones: [a, b],
                  on: [signed-in, updated], from: expected - 15m, until: expected + 2d,
                  max-window: 1d }
            lockdowns:
              - { source: lobby, site: hq, target: doors, zones: [all] }
            credentials:
              - { source: lobby, site: hq, target: doors, kinds: [card] }
            """);

    assertThat(rules.maxAge()).isEqualTo(Duration.ofMinutes(5));
    assertThat(rules.alarmAfter()).isEqualTo(Duration.ofMinutes(2));
    assertThat(rules.sites().getFirst().place().site()).isEqualTo("0143");
    assertThat(rules.sites().getFirst().window().cap()).isEqualTo(Duration.ofDays(1));
    assertThat(rules.locks("doors", "lobby", "hq")).isEqualTo(Set.of("all"));
    assertThat(rules.locks("doors", "lobby", null)).isEmpty();
    assertThat(rules.takesCredential("doors", "lobby", "hq", "card")).isTrue();
    assertThat(rules.takesCredential("doors", "lobby", "hq", "pin")).isFalse();
    assertThat(rules.takesCredential("doors", "lobby", "annex", "card")).isFalse();
  }

  @Test
  void windowIsCapped() {
    VisitorEvent event = Facts.event("in", EventType.SIGNED_IN, Facts.NINE);
    WindowRule window = file.parse(rule("").replace("8h", "3d")).sites().getFirst().window();

    assertThat(window.of(event))
        .isEqualTo(new WindowRule.Span(Facts.NINE, Facts.NINE.plus(Duration.ofHours(24))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "site: [] | site: unknown key; did you mean 'sites'?",
        "max-age: soon | max-age: 'soon'; expected a duration",
        "max-window: 40d | max-window: '40d'; expected a duration",
        "max-age: 0s | max-age: '0s'; expected a duration",
        "sites: { } | sites: is no list",
        "sites: [a] | sites[0]: has no keys",
        "{{from: signed-in}} | is not valid YAML",
        "max-age: 1m\\nmax-age: 2m | is given twice"
      })
  void brokenFileNamesKeyAndValue(String text, String message) {
    assertThatThrownBy(() -> file.parse(text.replace("\\n", "\n")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "source: lobby | source: loby | sites[0].source: 'loby' is no source; did you mean 'lobby'?",
        "site: hq | site: '*' | sites[0].site: '*'; expected the source's own id",
        "site: hq, | '' | sites[0].site: is missing",
        "target: doors | target: door | sites[0].target: 'door' is no sink",
        "zones: [a] | zones: [] | sites[0].zones: is missing or empty",
        "zones: [a] | zones: ['*'] | sites[0].zones: '*'; expected names",
        "zones: [a] | zones: [''] | sites[0].zones: ''; expected names",
        "signed-in + 8h | arrival + 8h | sites[0].until: 'arrival + 8h'; expected 'expected'",
        "signed-in + 8h | signed-in + 99d | sites[0].until: 'signed-in + 99d'; expected",
        "zones: [a] | 'zones: [a], on: [signed-out]' | sites[0].on: 'signed-out'; expected events",
        "zones: [a] | 'zones: [a], on: [updated]' | sites[0].on: 'updated'; expected also an event"
      })
  void brokenRuleNamesKeyAndValue(String from, String to, String message) {
    assertThatThrownBy(() -> file.parse(rule("").replace(from, to)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(message);
  }

  @Test
  void twoRulesForOneEventAreRefused() {
    String two = rule("");
    two = two.substring(0, two.length() - 1) + ", " + two.substring("sites: [".length());

    String text = two;
    assertThatThrownBy(() -> file.parse(text))
        .hasMessageContaining("sites[1].on: 'signed-in'; expected no event that another rule");
  }

  @Test
  void targetThatTakesNoCardsIsRefusedWithARuleThatGivesItSome() {
    Rules rules =
        new RulesFile(List.of("lobby"), List.of("doors", "gates"))
            .parse("credentials: [{ source: lobby, site: hq, target: doors, kinds: [card] }]");

    assertThatThrownBy(() -> rules.check("doors", Set.of(Capability.READS_BACK)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("credentials[0].target")
        .hasMessageContaining("'doors' takes no cards");
    assertThatCode(() -> rules.check("doors", Set.of(Capability.TAKES_CARDS)))
        .doesNotThrowAnyException();
    assertThatCode(() -> rules.check("gates", Set.of())).doesNotThrowAnyException();
  }
}
