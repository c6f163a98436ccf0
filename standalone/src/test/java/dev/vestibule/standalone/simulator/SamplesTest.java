package dev.vestibule.standalone.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.vestibule.contract.Vendor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class SamplesTest {
  private static final Instant NOW = Instant.parse("2026-03-02T08:15:30.123456Z");

  record Sample(Vendor vendor, String name) {}

  static Stream<Sample> samples() {
    return Stream.of(Vendor.values())
        .flatMap(vendor -> Samples.names(vendor).stream().map(name -> new Sample(vendor, name)));
  }

  @ParameterizedTest
  @MethodSource("samples")
  void everySampleIsFilledAndParses(Sample sample) throws IOException {
    Message message = Samples.load(sample.vendor(), sample.name(), new Random(1), NOW);

    JsonNode tree = new ObjectMapper().readTree(message.body());
    assertThat(tree.isObject()).isTrue();
    assertThat(message.text()).doesNotContain("{{").doesNotContain("}}\"").doesNotContain("\n");
  }

  @ParameterizedTest
  @EnumSource(Vendor.class)
  void namesListsExactlyTheFiles(Vendor vendor) throws Exception {
    Path folder =
        Path.of(
                Objects.requireNonNull(
                        Samples.class.getResource("/samples/" + vendor.id() + "/names.txt"))
                    .toURI())
            .getParent();
    try (Stream<Path> files = Files.list(folder)) {
      List<String> names =
          files
              .map(file -> file.getFileName().toString())
              .filter(file -> file.endsWith(".json"))
              .map(file -> file.substring(0, file.length() - ".json".length()))
              .sorted()
              .toList();

      assertThat(Samples.names(vendor)).isEqualTo(names).isNotEmpty();
    }
  }

  @Test
  void everyLoadIsANewFact() {
    Random random = new Random(7);

    Message first = Samples.load(Vendor.SIGN_IN_APP, "visitor.signin", random, NOW);
    Message second = Samples.load(Vendor.SIGN_IN_APP, "visitor.signin", random, NOW);

    assertThat(visitId(first)).isNotEqualTo(visitId(second));
    assertThat(first.deliveryId()).isNotEqualTo(second.deliveryId());
  }

  @Test
  void sameSeedAndTimeGiveTheSameBytes() {
    Message first = Samples.load(Vendor.ENVOY, "entry_sign_in", new Random(7), NOW);
    Message second = Samples.load(Vendor.ENVOY, "entry_sign_in", new Random(7), NOW);

    assertThat(second.body()).isEqualTo(first.body());
  }

  @Test
  void phpLikeVendorsEscapeSlashesAndLetters() {
    Scene scene = Scene.fresh(new Random(1), NOW).with("name", "Zoë").with("company", "Acme/North");

    Message message =
        Message.of(
            Vendor.SIGN_IN_APP,
            "visitor.signin",
            "",
            Samples.tree(Vendor.SIGN_IN_APP, "visitor.signin", scene));

    assertThat(message.text()).contains("\"name\":\"Zo\\u00eb\"").contains("Acme\\/North");
  }

  @Test
  void unknownSampleNamesThoseThereAre() {
    assertThatThrownBy(() -> Samples.load(Vendor.CURACEL, "nothing", new Random(1), NOW))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "no sample nothing for curacel, expected one of:"
                + " checkin.failed checkin.succeeded claim.pile.vetting_done claim.vetted");
  }

  @Test
  void everyKyberAccessEventHasASample() {
    assertThat(Samples.names(Vendor.KYBERACCESS)).hasSize(21);
  }

  private static long visitId(Message message) {
    try {
      return new ObjectMapper().readTree(message.body()).at("/visitor/id").asLong();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
