package dev.vestibule.normalizer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.contract.Headers;
import dev.vestibule.normalizer.adapter.Normalization.Events;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How two copies relate: the reasons behind the keys that the scenarios pin. */
class CopiesTest {

  @ParameterizedTest(name = "{0} and {1}")
  @CsvSource({
    "envoy/entry-sign-in, envoy/entry-sign-in-iso-time",
    "envoy/entry-sign-in, envoy/entry-sign-in-utc-suffix",
    "sign-in-app/signin, sign-in-app/signin-other-rule",
    "kyberaccess/visitor-checked-in, kyberaccess/visitor-checked-in-other-delivery-id",
    "curacel/c1-succeeded, curacel/m10-id-as-text",
    "curacel/c1-succeeded, curacel/m11-without-nulls",
    "curacel/c1-succeeded, curacel/event-id-upper-case",
    "essentry/e1-arrival, essentry/e2-reordered",
    "essentry/e1-arrival, essentry/e8-sibling"
  })
  void theSameFactHasOneIdAndOneRevision(String one, String other) {
    assertThat(ids(other)).isEqualTo(ids(one));
    assertThat(revisions(other)).isEqualTo(revisions(one));
    assertThat(headers(other, Headers.IDENTITY)).isEqualTo(headers(one, Headers.IDENTITY));
  }

  @ParameterizedTest(name = "{0} and {1}")
  @CsvSource({
    "envoy/entry-sign-in, envoy/entry-sign-in-webhooks-app",
    "envoy/entry-sign-out, envoy/entry-sign-out-vector",
    "envoy/entry-blacklist-deny, envoy/alias-denied",
    "sign-in-app/signin, sign-in-app/signin-mapped",
    "curacel/c2-failed, curacel/message-quotes-enrollee"
  })
  void theSameFactTellingMoreIsARevision(String one, String other) {
    assertThat(ids(other)).isEqualTo(ids(one));
    assertThat(headers(other, Headers.IDENTITY)).isEqualTo(headers(one, Headers.IDENTITY));
    assertThat(revisions(other)).isNotEqualTo(revisions(one));
  }

  @Test
  void aHookCallSharesNoKeyWithTheArrivalThatFollowsIt() {
    assertThat(headers("envoy/hook", Headers.KEY_DELIVERY))
        .doesNotContainAnyElementsOf(headers("envoy/entry-sign-in", Headers.KEY_DELIVERY));
    assertThat(ids("envoy/hook")).doesNotContainAnyElementsOf(ids("envoy/entry-sign-in"));
    assertThat(Scenario.of("envoy/hook").header(Headers.KEY_FACT)).isNull();
  }

  @Test
  void anArrivalInLaterSnapshotsIsAPlainDuplicate() {
    String arrival = ids("essentry/e1-arrival").getFirst();
    String revision = revisions("essentry/e1-arrival").getFirst();
    for (String later : List.of("e3-onsite", "e4-left", "e9-extra-member")) {
      assertThat(ids("essentry/" + later).getFirst()).isEqualTo(arrival);
      assertThat(revisions("essentry/" + later).getFirst()).isEqualTo(revision);
    }
  }

  @Test
  void aStateThatComesBackIsAnEventOfItsOwn() {
    // Given
    String first = "essentry/e3-onsite";
    String again = "essentry/e5-out-of-order";

    // Then
    assertThat(ids(again).getLast()).isNotEqualTo(ids(first).getLast());
    assertThat(revisions(again).getLast()).isEqualTo(revisions(first).getLast());
    assertThat(headers(again, Headers.SNAPSHOT_FINGERPRINT))
        .isEqualTo(headers(first, Headers.SNAPSHOT_FINGERPRINT));
  }

  @Test
  void aReusedDeliveryIdOfAnotherFactGetsAnotherEventId() {
    // Given
    String one = "curacel/c1-succeeded";
    String other = "curacel/unknown-status";

    // Then
    assertThat(headers(other, Headers.KEY_DELIVERY)).isEqualTo(headers(one, Headers.KEY_DELIVERY));
    assertThat(headers(other, Headers.IDENTITY)).isNotEqualTo(headers(one, Headers.IDENTITY));
    assertThat(ids(other)).isNotEqualTo(ids(one));
  }

  @Test
  void thePersonOfHealthDataIsTheOrderingKeyOfTheIngress() {
    String person = events("curacel/c1-succeeded").getFirst().event().getPerson().getId();
    assertThat(person).isEqualTo(Fixtures.IDENTITY.enrollee(Fixtures.ACCOUNT, "1", "1346"));
  }

  private static List<Normalized> events(String scenario) {
    return ((Events<Normalized>) Scenario.of(scenario).run()).events();
  }

  private static List<String> ids(String scenario) {
    return events(scenario).stream().map(event -> event.event().getEventId()).toList();
  }

  private static List<String> revisions(String scenario) {
    return events(scenario).stream().map(event -> event.event().getRevision()).toList();
  }

  private static List<String> headers(String scenario, String name) {
    return events(scenario).stream().map(event -> event.headers().get(name)).distinct().toList();
  }
}
