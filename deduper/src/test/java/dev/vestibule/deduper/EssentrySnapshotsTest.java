package dev.vestibule.deduper;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.contract.Headers;
import dev.vestibule.contract.Topics;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Vectors E1 to E5, E8 and E9 of the essentry contract as one story. E6 and E7 have no snapshot:
 * the normalizer passes the one on as {@code OTHER} and dead-letters the other.
 */
class EssentrySnapshotsTest {
  @TempDir Path folder;

  @Test
  void snapshotsAreJudgedByTheLastAcceptedOne() throws IOException {
    // Given
    List<List<String>> story = story();
    List<String> outcomes = new ArrayList<>();

    // When
    try (DrivenDeduper deduper = new DrivenDeduper(folder)) {
      Instant arrival = Instant.parse("2026-11-20T08:00:00Z");
      for (List<String> step : story) {
        arrival = arrival.plusSeconds(60);
        deduper.takes(NormalizedRecord.snapshot(step.get(1), step.get(2)).arrivingAt(arrival));
        outcomes.add(step.getFirst() + ": " + outcome(deduper));
      }
    }

    // Then
    assertThat(outcomes)
        .isEqualTo(story.stream().map(step -> step.getFirst() + ": " + step.get(3)).toList());
  }

  private static @Nullable String outcome(DrivenDeduper deduper) {
    List<TestRecord<byte[], byte[]>> events = deduper.records(Topics.EVENTS);
    int duplicates = deduper.records(Topics.DUPLICATES).size();
    if (events.isEmpty()) {
      return duplicates == 1 ? "DUPLICATE" : "nothing";
    }
    boolean late = "true".equals(Headers.text(events.getFirst().headers(), Headers.LATE));
    return late ? "LATE" : Headers.text(events.getFirst().headers(), Headers.VERDICT);
  }

  /** Lines of four fields; a field with commas stands in quotes. */
  private static List<List<String>> story() throws IOException {
    try (BufferedReader file =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(
                    EssentrySnapshotsTest.class.getResourceAsStream(
                        "/scenarios/essentry-snapshots.csv")),
                StandardCharsets.UTF_8))) {
      return file.lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> List.of(line.split(", *(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)")))
          .map(fields -> fields.stream().map(field -> field.replace("\"", "").strip()).toList())
          .toList();
    }
  }
}
