package dev.vestibule.ingress.decision.watchlist;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.events.AccessCredential;
import dev.vestibule.events.EventType;
import dev.vestibule.events.Host;
import dev.vestibule.events.OccurredAtBasis;
import dev.vestibule.events.Outcome;
import dev.vestibule.events.Position;
import dev.vestibule.events.Sensitivity;
import dev.vestibule.events.Site;
import dev.vestibule.events.Visit;
import dev.vestibule.events.VisitorEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ScreeningTest {
  private static final Normal NORMAL = new Normal(null);
  private static final Instant ARRIVAL = Instant.parse("2026-04-25T09:30:02Z");

  private static VisitorEvent event(EventType type, dev.vestibule.events.Person person) {
    return VisitorEvent.newBuilder()
        .setEventId("0198c0de-0000-8000-8000-000000000001")
        .setRevision("00112233445566ff")
        .setType(type)
        .setVendor("kyberaccess")
        .setSource("hq-kyber")
        .setAccount("hq")
        .setVendorEventType("screening.watchlist_hit")
        .setOccurredAt(ARRIVAL.minusSeconds(2))
        .setOccurredAtBasis(OccurredAtBasis.VENDOR)
        .setReceivedAt(ARRIVAL)
        .setPath("webhook")
        .setVisit(Visit.newBuilder().build())
        .setPerson(person)
        .setHost(Host.newBuilder().build())
        .setSite(Site.newBuilder().setId("loc_001").build())
        .setCredential(AccessCredential.newBuilder().build())
        .setOutcome(Outcome.newBuilder().build())
        .setAttributes(Map.of("list_category", "custom"))
        .setSensitivity(Sensitivity.RESTRICTED)
        .setOrigin(new Position("visitor.raw.kyberaccess", 3, 17L))
        .build();
  }

  private static dev.vestibule.events.Person.Builder jane() {
    return dev.vestibule.events.Person.newBuilder()
        .setId("vis_1")
        .setFullName("Jane Smith")
        .setEmail("jane@example.com")
        .setCompany("Acme Corp");
  }

  private static Optional<Entry> entry(EventType type, dev.vestibule.events.Person person) {
    return Screening.entry(event(type, person), Duration.ofDays(30), NORMAL);
  }

  @ParameterizedTest
  @EnumSource(names = {"WATCHLIST_HIT", "BOLO_ALERT"})
  void aHitBecomesAnEntryForAWhileAndEverywhere(EventType type) {
    Entry entry = entry(type, jane().build()).orElseThrow();

    assertThat(entry.names()).containsExactly("Jane Smith");
    assertThat(entry.emails()).containsExactly("jane@example.com");
    assertThat(entry.companies()).as("colleagues are not watched for").isEmpty();
    assertThat(entry.sites()).isEmpty();
    assertThat(entry.expires()).isEqualTo(ARRIVAL.plus(Duration.ofDays(30)));
    assertThat(entry.origin()).isEqualTo(Origin.SCREENING);
    assertThat(entry.reason()).contains("screening.watchlist_hit", "list custom");
    assertThat(entry.id()).matches("screening-[0-9a-f]{32}");
    assertThat(entry(type, jane().build()).orElseThrow()).isEqualTo(entry);
  }

  @ParameterizedTest
  @EnumSource(
      names = {"WATCHLIST_HIT", "BOLO_ALERT"},
      mode = EnumSource.Mode.EXCLUDE)
  void noOtherEventBecomesAnEntry(EventType type) {
    assertThat(entry(type, jane().build())).isEmpty();
  }

  @Test
  void whoCannotBeToldFromOthersBecomesNoEntry() {
    dev.vestibule.events.Person given =
        dev.vestibule.events.Person.newBuilder().setFullName("Jane").setCompany("Acme").build();
    dev.vestibule.events.Person nobody = dev.vestibule.events.Person.newBuilder().build();

    assertThat(entry(EventType.WATCHLIST_HIT, given)).isEmpty();
    assertThat(entry(EventType.WATCHLIST_HIT, nobody)).isEmpty();
  }

  @Test
  void namesInTwoPartsAreOneName() {
    dev.vestibule.events.Person parts =
        dev.vestibule.events.Person.newBuilder()
            .setFirstName("Jane")
            .setLastName("Smith")
            .setPhone("?")
            .setEmail("none")
            .build();

    Entry entry = entry(EventType.WATCHLIST_HIT, parts).orElseThrow();

    assertThat(List.of(entry.names(), entry.emails(), entry.phones()))
        .containsExactly(List.of("Jane Smith"), List.of(), List.of());
  }

  @Test
  void whatIsTooLongIsLeftOut() {
    dev.vestibule.events.Person endless = jane().setFullName("Jane ".repeat(1 << 18)).build();

    assertThat(entry(EventType.BOLO_ALERT, endless).orElseThrow().names()).isEmpty();
  }
}
