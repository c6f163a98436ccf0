package dev.vestibule.standalone.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.vestibule.contract.Vendor;
import dev.vestibule.contract.Verdict;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class VisitSimulatorTest {
  private static final Instant NOW = Instant.parse("2026-03-02T12:00:00Z");

  @ParameterizedTest
  @EnumSource(Vendor.class)
  void sameSeedTellsTheSameDay(Vendor vendor) {
    assertThat(texts(day(vendor, 42))).isEqualTo(texts(day(vendor, 42)));
  }

  @Test
  void anotherSeedTellsAnotherDay() {
    assertThat(texts(day(Vendor.ENVOY, 1))).isNotEqualTo(texts(day(Vendor.ENVOY, 2)));
  }

  @ParameterizedTest
  @EnumSource(Vendor.class)
  void everyDeliveryHasAnIdOfItsOwn(Vendor vendor) {
    List<String> ids =
        day(vendor, 3).stream().map(planned -> planned.message().deliveryId()).toList();

    assertThat(ids).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @EnumSource(Vendor.class)
  void nothingIsToldTwiceUnlessSnapshotsDo(Vendor vendor) {
    Ledger ledger = new Ledger();
    Tally tally = day(vendor, 4).stream().map(ledger::accept).reduce(Tally.NOTHING, Tally::plus);

    assertThat(tally.counts().keySet())
        .allMatch(effect ->
            effect.kind().endsWith(" " + Verdict.NEW)
                || (vendor == Vendor.ESSENTRY && effect.kind().equals("SIGNED_IN")));
  }

  @Test
  void everyKyberAccessEventIsTold() throws IOException {
    Set<String> told = new HashSet<>();
    for (Planned planned : day(Vendor.KYBERACCESS, 5)) {
      told.add(new ObjectMapper().readTree(planned.message().body()).get("event").asText());
    }

    assertThat(told).containsExactlyInAnyOrderElementsOf(Samples.names(Vendor.KYBERACCESS));
  }

  @Test
  void bothSpellingsOfSignInAppAreTold() {
    assertThat(texts(day(Vendor.SIGN_IN_APP, 6)))
        .anyMatch(text -> text.contains("\"visitor.signin\""))
        .anyMatch(text -> text.contains("\"visitor.sign-in\""));
  }

  @Test
  void bothFamiliesOfEnvoyAreTold() {
    assertThat(texts(day(Vendor.ENVOY, 7)))
        .anyMatch(text -> text.startsWith("{\"meta\""))
        .anyMatch(text -> text.startsWith("{\"event\""));
  }

  private static List<Planned> day(Vendor vendor, long seed) {
    VisitSimulator simulator =
        new VisitSimulator(new Random(seed), Clock.fixed(NOW, ZoneOffset.UTC));
    List<Planned> day = new ArrayList<>();
    for (int visit = 0; visit < 12; visit++) {
      day.addAll(simulator.visit(vendor));
    }
    day.addAll(simulator.rarities(vendor));
    return day;
  }

  private static List<String> texts(List<Planned> day) {
    return day.stream().map(planned -> planned.message().text()).toList();
  }
}
