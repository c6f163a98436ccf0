package dev.vestibule.sink.slack.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vestibule.config.ConfigException;
import dev.vestibule.contract.Vendor;
import dev.vestibule.events.Alert;
import dev.vestibule.events.AlertSeverity;
import dev.vestibule.events.EventType;
import dev.vestibule.events.Sensitivity;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.sink.slack.card.Alerts;
import dev.vestibule.sink.slack.card.Visits;
import dev.vestibule.sink.slack.route.Destination.Channel;
import dev.vestibule.sink.slack.route.Destination.Direct;
import dev.vestibule.sink.slack.route.Routes.Posting;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoutesFileTest {
  private final RoutesFile file =
      new RoutesFile(
          Map.of("lobby", Vendor.ENVOY, "clinic", Vendor.CURACEL, "plant", Vendor.ESSENTRY));

  private static VisitorEvent signsIn() {
    return Visits.event(EventType.SIGNED_IN, 0);
  }

  private static Posting visit(Destination to, boolean begins, boolean thread) {
    return new Posting(to, begins, thread, Set.of(Sensitivity.STANDARD));
  }

  private static Posting alert(Destination to, boolean begins) {
    return new Posting(to, begins, false, Set.of());
  }

  private Routes route(String route) {
    return file.parse("routes: [{ source: lobby, " + route + " }]");
  }

  @Test
  void whatNoRuleNamesGoesNowhere() {
    assertThat(file.parse("").of(signsIn())).isEmpty();
    assertThat(file.parse("").sensitivities()).isEmpty();
    assertThat(file.parse("").reviewers("lobby", "hq")).isEmpty();
    assertThat(route("sites: [annex], channel: C1A").of(signsIn())).isEmpty();
  }

  @Test
  void onlyStandardIsReadUnlessARuleNamesMore() {
    VisitorEvent hit = Visits.event(EventType.WATCHLIST_HIT, 0);
    hit.setSensitivity(Sensitivity.RESTRICTED);

    assertThat(route("channel: C1A").sensitivities()).containsExactly(Sensitivity.STANDARD);
    assertThat(route("channel: C1A").of(hit)).isEmpty();
    assertThat(route("channel: C1A, sensitivities: [standard, restricted]").of(hit))
        .containsExactly(
            new Posting(
                new Channel("C1A"),
                true,
                false,
                Set.of(Sensitivity.STANDARD, Sensitivity.RESTRICTED)));
  }

  @Test
  void hostIsFoundByEmail() {
    VisitorEvent event = signsIn();
    event.getHost().setEmail(" Sam@Example.com");

    assertThat(route("direct-message: host").of(event))
        .containsExactly(visit(new Direct("sam@example.com"), true, false));
    assertThat(route("hosts: [SAM@example.com], channel: C1A").of(event)).hasSize(1);
    assertThat(route("hosts: [eve@example.com], channel: C1A").of(event)).isEmpty();
    event.getHost().setEmail(null);
    assertThat(route("direct-message: host").of(event)).isEmpty();
    assertThat(route("hosts: [sam@example.com], channel: C1A").of(event)).isEmpty();
  }

  @Test
  void eventThatNoRuleBeginsWithOnlyChangesWhatIsThere() {
    assertThat(route("on: denied, channel: C1A").of(signsIn()))
        .containsExactly(visit(new Channel("C1A"), false, false));
  }

  @Test
  void aPlaceThatTwoRulesNameIsToldOnce() {
    Routes routes =
        file.parse(
            """
            routes:
              - { source: lobby, channel: C1A, on: [denied], thread: true }
              - { source: lobby, channel: C1A, sites: [hq], on: [signed-in] }
              - { source: lobby, channel: C2B }
            """);

    assertThat(routes.of(signsIn()))
        .containsExactly(
            visit(new Channel("C1A"), true, true), visit(new Channel("C2B"), true, false));
  }

  @Test
  void everyKeyIsRead() {
    Routes routes =
        file.parse(
            """
            digest-after: 50
            routes:
              - { source: lobby, sites: ["0143", hq], hosts: [sam@example.com], on: [signed-in],
                  sensitivities: [standard, restricted], channel: C1A, thread: true }
            reviewers:
              - { source: lobby, users: [U1A], groups: [S1A] }
              - { source: lobby, sites: [hq], users: [U2B], approve: false, four-eyes: true,
                  within: 5m }
            """);

    assertThat(routes.digestAfter()).isEqualTo(50);
    assertThat(routes.routes())
        .containsExactly(
            new Routes.Route(
                "lobby",
                Set.of("0143", "hq"),
                Set.of("sam@example.com"),
                EnumSet.of(EventType.SIGNED_IN),
                EnumSet.of(Sensitivity.STANDARD, Sensitivity.RESTRICTED),
                "C1A",
                true));
    assertThat(routes.reviewers("lobby", "annex"))
        .contains(new Reviewers(Set.of("U1A"), Set.of("S1A"), true, false, Duration.ofMinutes(15)));
    assertThat(routes.reviewers("lobby", "hq"))
        .contains(new Reviewers(Set.of("U2B"), Set.of(), false, true, Duration.ofMinutes(5)));
    assertThat(routes.reviewers("clinic", "hq")).isEmpty();
  }

  @Test
  void reviewersAreNamedByThemselvesOrByAGroup() {
    Reviewers reviewers =
        new Reviewers(Set.of("U1A"), Set.of("S1A"), true, false, Duration.ofMinutes(15));

    assertThat(reviewers.include("U1A", Set.of())).isTrue();
    assertThat(reviewers.include("U2B", Set.of("S1A"))).isTrue();
    assertThat(reviewers.include("U2B", Set.of("S2B"))).isFalse();
  }

  @Test
  void ruleThatNamesMoreThanTheSinkIsGrantedIsRefused() {
    Routes routes = route("channel: C1A, sensitivities: [health]");

    assertThatThrownBy(() -> routes.check(Set.of(Sensitivity.STANDARD, Sensitivity.RESTRICTED)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("routes[0].sensitivities: 'health' is not granted to this sink");
    assertThatCode(() -> routes.check(Set.of(Sensitivity.HEALTH))).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "source: loby, channel: C1A | routes[0].source: 'loby' is no source; did you mean 'lobby'?",
        "channel: C1A | routes[0].source: is missing",
        "source: lobby | routes[0].channel: expected either a channel",
        "source: lobby, channel: C1A, direct-message: host | expected either a channel",
        "source: lobby, channel: '#front-desk' | routes[0].channel: '#front-desk'; expected the id",
        "source: lobby, direct-message: all | routes[0].direct-message: 'all'; expected host",
        "source: lobby, channel: C1A, sites: [] | routes[0].sites: is missing or empty",
        "source: lobby, channel: C1A, sites: ['*'] | routes[0].sites: '*'; expected names",
        "source: lobby, channel: C1A, hosts: [sam] | routes[0].hosts: 'sam'; expected e-mail",
        "source: lobby, channel: C1A, on: [erased] | routes[0].on: 'erased'; expected events that",
        "source: lobby, channel: C1A, on: [watchlist-hit] | with restricted beside it",
        "source: lobby, channel: C1A, sensitivities: [all] | expected standard, restricted",
        "source: lobby, direct-message: host, sensitivities: [health] | health'; expected another",
        "source: lobby, channel: C1A, sensitivities: [health], hosts: [a@b] | health'; expected another",
        "source: lobby, channel: C1A, thread: 'yes' | routes[0].thread: 'yes'; expected true",
        "source: lobby, chanel: C1A | routes[0].chanel: unknown key; did you mean 'channel'?"
      })
  void brokenRouteNamesKeyValueAndExpectation(String route, String message) {
    assertThatThrownBy(() -> file.parse("routes: [{ " + route + " }]"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "reviewers: [{ source: lobby }] | reviewers[0].users: is missing, and so is groups",
        "reviewers: [{ source: lobby, users: [sam] }] | reviewers[0].users: 'sam'; expected ids",
        "reviewers: [{ source: lobby, groups: [U1A] }] | reviewers[0].groups: 'U1A'; expected ids",
        "reviewers: [{ source: lobby, users: [U1A], within: 0s }] | reviewers[0].within: '0s'",
        "digest-after: 1 | digest-after: '1'; expected a number from 5 to 10000",
        "digest-after: many | digest-after: 'many'; expected a number",
        "channels: [] | channels: unknown key",
        "alerts: [{}] | alerts[0].channel: is missing",
        "alerts: [{ channel: ops }] | alerts[0].channel: 'ops'; expected the id of a channel",
        "alerts: [{ channel: C1A, kinds: [] }] | alerts[0].kinds: is missing or empty",
        "alerts: [{ channel: C1A, kinds: [unscrened-entry] }] | mean 'unscreened-entry'?",
        "alerts: [{ channel: C1A, kinds: [all] }] | alerts[0].kinds: 'all' is no kind; expected one",
        "alerts: [{ channel: C1A, at-least: high }] | alerts[0].at-least: 'high'; expected info, warning or",
        "alerts: [{ channel: C1A, sources: [loby] }] | alerts[0].sources: 'loby' is no source; did",
        "alerts: [{ channel: C1A, sites: [hq] }] | alerts[0].sites: unknown key"
      })
  void brokenFileNamesKeyValueAndExpectation(String text, String message) {
    assertThatThrownBy(() -> file.parse(text))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(message);
  }

  @Test
  void twoRulesOfReviewersForOnePlaceAreRefused() {
    assertThatThrownBy(() ->
            file.parse(
                """
                reviewers:
                  - { source: lobby, sites: [hq, annex], users: [U1A] }
                  - { source: lobby, sites: [annex], users: [U2B] }
                """))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("reviewers[1].sites: has a place that an earlier rule names");
  }

  @Test
  void reviewOfAnUnknownSiteIsForReviewersOfTheWholeSourceAlone() {
    String named = "reviewers: [{ source: lobby, sites: [hq], users: [U1A] }";

    assertThat(file.parse(named + "]").reviewers("lobby", null)).isEmpty();
    assertThat(file.parse(named + ", { source: lobby, users: [U2B] }]").reviewers("lobby", null))
        .hasValueSatisfying(reviewers -> assertThat(reviewers.users()).containsExactly("U2B"));
  }

  @Test
  void answersAreCalledAsTheRuleOfTheirSiteSays() {
    Routes routes =
        file.parse(
            """
            reviewers:
              - { source: plant, users: [U1A], approve-transition: Freigeben, deny-transition: Nein }
              - { source: plant, sites: [gate], users: [U1A], approve: false, deny-transition: No }
              - { source: plant, sites: [yard], users: [U1A] }
            """);

    assertThat(routes.transition("plant", "hall", true)).contains("Freigeben");
    assertThat(routes.transition("plant", null, false)).contains("Nein");
    assertThat(routes.transition("plant", "gate", true)).isEmpty();
    assertThat(routes.transition("plant", "gate", false)).contains("No");
    assertThat(routes.transition("plant", "yard", true)).isEmpty();
    assertThat(routes.transition("lobby", "hq", true)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "source: lobby, deny-transition: No | deny-transition: is for sources of essentry; 'lobby'",
        "source: plant, deny-transition: No | approve-transition: is missing beside deny-transition",
        "source: plant, approve-transition: Go | reviewers[0].deny-transition: is missing",
        "source: plant, approve: false, approve-transition: Go | and 'approve: false' too",
        "source: plant, approve-transition: ' ', deny-transition: No | expected a text that is not",
        "source: plant, approve-transition: true, deny-transition: No | a text; put it in quotes",
        "source: plant, approve-transition: \"a\\nb\", deny-transition: No | expected one line of"
      })
  void brokenTransitionNamesKeyAndExpectation(String rule, String message) {
    assertThatThrownBy(() -> file.parse("reviewers: [{ " + rule + ", users: [U1A] }]"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("reviewers[0].")
        .hasMessageContaining(message);
  }

  private static Alert unscreened(AlertSeverity severity) {
    Alert alert = Alerts.unscreened("v1", 0);
    alert.setSeverity(severity);
    return alert;
  }

  private Routes alerts(String rule) {
    return file.parse("alerts: [{ channel: C1A" + rule + " }]");
  }

  @Test
  void alertsThatSomebodyShouldLookAtAreToldUnlessARuleSaysOtherwise() {
    Posting told = alert(new Channel("C1A"), true);

    assertThat(file.parse("").alerts(unscreened(AlertSeverity.CRITICAL))).isEmpty();
    assertThat(alerts("").alerts(unscreened(AlertSeverity.WARNING))).containsExactly(told);
    assertThat(alerts("").alerts(unscreened(AlertSeverity.INFO))).isEmpty();
    assertThat(alerts(", at-least: info").alerts(unscreened(AlertSeverity.INFO)))
        .containsExactly(told);
    assertThat(alerts(", at-least: critical").alerts(unscreened(AlertSeverity.WARNING))).isEmpty();
  }

  @Test
  void alertsAreChosenByKindAndSource() {
    Alert alert = unscreened(AlertSeverity.CRITICAL);
    Alert failing = Alerts.destination("failing", "doors", 0);

    assertThat(alerts(", kinds: [access-held]").alerts(alert)).isEmpty();
    assertThat(alerts(", kinds: [access-held, unscreened-entry]").alerts(alert)).hasSize(1);
    assertThat(alerts(", sources: [clinic]").alerts(alert)).isEmpty();
    assertThat(alerts(", sources: [clinic, lobby]").alerts(alert)).hasSize(1);
    assertThat(alerts(", sources: [lobby]").alerts(failing)).isEmpty();
    assertThat(alerts("").alerts(failing)).hasSize(1);
  }

  @Test
  void whoIsToldThatADestinationFailsIsToldThatItIsBack() {
    Alert back = Alerts.destination("back", "doors", 0);
    Posting change = alert(new Channel("C1A"), false);

    assertThat(alerts("").alerts(back)).containsExactly(change);
    assertThat(alerts(", kinds: [destination-failing]").alerts(back)).containsExactly(change);
    assertThat(alerts(", kinds: [unscreened-entry]").alerts(back)).isEmpty();
    assertThat(alerts(", at-least: info").alerts(back))
        .containsExactly(alert(new Channel("C1A"), true));
  }

  @Test
  void channelThatTwoRulesOfAlertsNameIsToldOnce() {
    Routes routes =
        file.parse(
            """
            alerts:
              - { channel: C1A, kinds: [unscreened-entry] }
              - { channel: C1A }
              - { channel: C2B, at-least: critical }
            """);

    assertThat(routes.alerts(unscreened(AlertSeverity.CRITICAL)))
        .containsExactly(alert(new Channel("C1A"), true), alert(new Channel("C2B"), true));
  }

  @Test
  void shortFormTellsStandardEventsAndAlertsToOneChannel() {
    Routes routes = Routes.simple(List.of("lobby", "clinic"), "C1A");
    VisitorEvent restricted = signsIn();
    restricted.setSensitivity(Sensitivity.RESTRICTED);

    assertThat(routes.of(signsIn())).containsExactly(visit(new Channel("C1A"), true, false));
    assertThat(routes.of(restricted)).isEmpty();
    assertThat(routes.sensitivities()).containsExactly(Sensitivity.STANDARD);
    assertThat(routes.alerts(unscreened(AlertSeverity.WARNING))).hasSize(1);
    assertThat(routes.alerts(Alerts.destination("failing", "doors", 0))).hasSize(1);
    assertThat(routes.alerts(unscreened(AlertSeverity.INFO))).isEmpty();
    assertThat(routes.reviewers("lobby", "hq")).isEmpty();
    assertThat(routes.routes())
        .containsExactlyElementsOf(
            file.parse(
                    "routes: [{ source: lobby, channel: C1A }, { source: clinic, channel: C1A }]")
                .routes());
  }

  @Test
  void exampleOfTheReadmeIsRead() throws IOException {
    String readme = Files.readString(Path.of("README.md"));
    int begin = readme.indexOf("```yaml\n") + 8;
    Routes routes = file.parse(readme.substring(begin, readme.indexOf("```", begin)));

    assertThat(routes.routes()).hasSize(2);
    assertThat(routes.transition("plant", null, true)).contains("Approve");
    assertThat(routes.alerts(unscreened(AlertSeverity.WARNING)))
        .containsExactly(alert(new Channel("C045EF6GH"), true));
  }

  @Test
  void withoutRulesNobodyIsTold() {
    assertThat(Routes.none()).isEqualTo(file.parse(""));
  }

  @Test
  void whoApprovesMustBeShownWatchListHits() {
    String rules =
        """
        routes:
          - { source: lobby, channel: C012AB3CD, sensitivities: [%s] }
        reviewers:
          - { source: lobby, users: [U012AB3CD]%s }
        """;
    Set<Sensitivity> granted = EnumSet.of(Sensitivity.STANDARD, Sensitivity.RESTRICTED);

    assertThatThrownBy(() -> file.parse(rules.formatted("standard", "")).check(granted))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("reviewers[0].approve")
        .hasMessageContaining("must be shown watch list hits");
    file.parse(rules.formatted("standard", ", approve: false")).check(granted);
    file.parse(rules.formatted("'standard', 'restricted'", "")).check(granted);
  }

  @Test
  void anEntryThatIsNoAddressIsNotLinked() {
    Routes routes =
        file.parse(
            """
            routes: []
            reviewers:
              - { source: lobby, users: [U012AB3CD], entry: "https://example.com/{visit}" }
              - { source: lobby, sites: [other], users: [U012AB3CD], entry: "https://{visit}.x/" }
            """);

    assertThat(routes.entry("lobby", null, "v 1/2"))
        .isEqualTo(URI.create("https://example.com/v%201%2F2"));
    assertThat(routes.entry("lobby", null, "\u00e4".repeat(2_000))).isNull();
    assertThat(routes.entry("lobby", "other", "-a b-")).isNull();
    assertThat(routes.entry("lobby", null, null)).isNull();
  }
}
