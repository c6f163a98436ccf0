package dev.vestibule.deduper;

import static dev.vestibule.deduper.NormalizedRecord.aliceSignsIn;
import static dev.vestibule.deduper.NormalizedRecord.hash;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.contract.Generation;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.Topics;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever stands in the headers, the task goes on and every record is accounted for. */
class HostileHeadersTest {
  private static final int RECORDS = 3_000;
  private static final List<String> OURS =
      List.of(
          Headers.KEY_SCHEME,
          Headers.KEY_TRANSPORT,
          Headers.KEY_DELIVERY,
          Headers.KEY_FACT,
          Headers.KEY_SNAPSHOT,
          Headers.KEY_HINT,
          Headers.IDENTITY,
          Headers.REVISION,
          Headers.SNAPSHOT_FINGERPRINT,
          Headers.SNAPSHOT_FACTS,
          Headers.WINDOW_DELIVERY,
          Headers.WINDOW_FACT);
  private static final List<String> OTHERS =
      List.of(
          Headers.SEED,
          Headers.SENSITIVITY,
          Headers.CE_ID,
          Headers.CE_TYPE,
          Headers.VENDOR,
          Headers.VERDICT,
          Headers.LATE);
  private static final List<String> NAMES =
      Stream.of(OURS.stream(), OURS.stream().map(Headers::previous), OTHERS.stream())
          .flatMap(names -> names)
          .toList();
  private static final List<String> TEXTS =
      List.of(
          "",
          " ",
          "0",
          "1",
          "2",
          "15",
          "16",
          "-1",
          "24h",
          "7d",
          "\u0000",
          "arrived,left",
          ",",
          "STANDARD",
          "visitor.normalized-0@7",
          "\uD83D\uDE00",
          "00000000000000a1",
          hash(1),
          hash(2).toUpperCase(java.util.Locale.ROOT),
          "x".repeat(70_000));

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void everyRecordIsAccountedFor(int generation, @TempDir Path folder) {
    // Given
    long seed = Long.getLong("vestibule.seed", 20_261_121L) + generation;
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    try (DrivenDeduper deduper = new DrivenDeduper(folder, new Generation(generation))) {
      // When
      for (int i = 0; i < RECORDS; i++) {
        deduper.takes(spoilt(random));
      }
      deduper.takes(
          aliceSignsIn().with(Headers.KEY_DELIVERY, hash(77)).with(Headers.KEY_FACT, hash(78)));

      // Then
      int events =
          deduper.records(Topics.EVENTS).size()
              + deduper.records(Topics.EVENTS_RESTRICTED).size()
              + deduper.records(Topics.EVENTS_HEALTH).size();
      int duplicates = deduper.records(Topics.DUPLICATES).size();
      int dead = deduper.records(Topics.DEAD_LETTERS).size();
      double seeds =
          deduper.count("vestibule.deduper.seeds", "outcome", "remembered")
              + deduper.count("vestibule.deduper.seeds", "outcome", "unreadable");
      double replays = deduper.count("vestibule.deduper.verdicts", "verdict", "REPLAY");
      assertThat(events + duplicates + dead + seeds + replays).isEqualTo(RECORDS + 1);
      assertThat(events).isGreaterThan(100);
      assertThat(dead).isGreaterThan(500);
      assertThat(seeds > 0).isEqualTo(generation > 1);
    }
  }

  private static NormalizedRecord spoilt(Random random) {
    NormalizedRecord record =
        aliceSignsIn()
            .with(Headers.KEY_DELIVERY, hash(random.nextInt(500)))
            .with(Headers.KEY_FACT, hash(1000 + random.nextInt(500)));
    for (int i = random.nextInt(4); i > 0; i--) {
      String name = NAMES.get(random.nextInt(NAMES.size()));
      if (random.nextInt(3) == 0) {
        record.without(name);
      } else {
        record.with(name, TEXTS.get(random.nextInt(TEXTS.size())));
      }
    }
    return random.nextInt(20) == 0
        ? record.key(random.nextBoolean() ? null : "k".getBytes(StandardCharsets.UTF_8))
        : record;
  }
}
