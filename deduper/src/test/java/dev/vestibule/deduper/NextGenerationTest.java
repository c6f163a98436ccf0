package dev.vestibule.deduper;

import static dev.vestibule.deduper.NormalizedRecord.aliceSignsIn;
import static dev.vestibule.deduper.NormalizedRecord.hash;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.contract.Generation;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.Topics;
import dev.vestibule.events.ConflictReport;
import dev.vestibule.events.DeadLetter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A new generation starts with copies of the one before, and may change the key scheme. */
class NextGenerationTest {
  private static final List<String> OUTPUTS =
      List.of(
          Topics.EVENTS,
          Topics.EVENTS_RESTRICTED,
          Topics.EVENTS_HEALTH,
          Topics.DUPLICATES,
          Topics.CONFLICTS,
          Topics.DEAD_LETTERS);

  @TempDir Path folder;
  private DrivenDeduper deduper;

  @BeforeEach
  void start() {
    deduper = new DrivenDeduper(folder, new Generation(2));
  }

  @AfterEach
  void stop() {
    deduper.close();
  }

  @Test
  void seedsEmitNothingAndAreRemembered() {
    // Given: a first copy, a repeat, a conflict and an unreadable record, all from before
    NormalizedRecord conflict =
        aliceSignsIn().with(Headers.IDENTITY, hash(0xb0b)).with(Headers.KEY_FACT, hash(0xf2));
    deduper.takes(
        seed(aliceSignsIn(), 0),
        seed(aliceSignsIn(), 1),
        seed(conflict, 2),
        seed(aliceSignsIn().without(Headers.IDENTITY), 3));
    for (String topic : OUTPUTS) {
      assertThat(deduper.records(topic)).as(topic).isEmpty();
    }

    // When: live copies of the same
    deduper.takes(
        aliceSignsIn(),
        aliceSignsIn()
            .with(Headers.KEY_DELIVERY, hash(0xd2))
            .with(Headers.REVISION, "a".repeat(16)),
        aliceSignsIn().with(Headers.IDENTITY, hash(0xb0b)).with(Headers.KEY_FACT, hash(0xf2)));

    // Then: told as if this generation had always been there
    assertThat(deduper.records(Topics.EVENTS))
        .extracting(event -> Headers.text(event.headers(), Headers.VERDICT))
        .containsExactly("REVISION");
    assertThat(deduper.records(Topics.DUPLICATES)).hasSize(2);
    assertThat(deduper.records(Topics.CONFLICTS)).isEmpty();
    assertThat(deduper.count("vestibule.deduper.seeds", "outcome", "remembered")).isEqualTo(3);
    assertThat(deduper.count("vestibule.deduper.seeds", "outcome", "unreadable")).isEqualTo(1);
    assertThat(deduper.count("vestibule.deduper.consumed")).isEqualTo(3);
  }

  @Test
  void keyUsesOfSeedsAreKnownToTheSideBranchButNotReported() {
    // Given: an unsigned id used for two facts, reported by the generation before
    NormalizedRecord alice = aliceSignsIn().with(Headers.KEY_HINT, hash(0x41));
    deduper.takes(seed(alice, 0), seed(bob().with(Headers.KEY_HINT, hash(0x41)), 1));
    assertThat(deduper.records(Topics.CONFLICTS)).isEmpty();

    // When: the second one is retried, and a third fact uses it too
    deduper.takes(
        bob().with(Headers.KEY_HINT, hash(0x41)),
        bob()
            .with(Headers.KEY_HINT, hash(0x41))
            .with(Headers.IDENTITY, hash(0xca1))
            .with(Headers.KEY_FACT, hash(0xf3))
            .with(Headers.KEY_DELIVERY, hash(0xd3)));

    // Then
    assertThat(deduper.reports(Topics.CONFLICTS, ConflictReport.class))
        .extracting(ConflictReport::getSecondIdentity)
        .containsExactly(hash(0xca1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "yes", "visitor.normalized", "visitor.normalized-0@-1", "@1"})
  void claimToBeASeedThatCannotBeTrueIsADeadLetter(String claim) {
    // When
    deduper.takes(aliceSignsIn().with(Headers.SEED, claim));

    // Then
    assertMisplaced();
  }

  @Test
  void firstGenerationHasNoSeeds(@TempDir Path other) {
    // Given
    deduper.close();
    deduper = new DrivenDeduper(other);

    // When
    deduper.takes(seed(aliceSignsIn(), 0));

    // Then
    assertMisplaced();
  }

  @Test
  void newKeySchemeMakesNoConflictAndNoDuplicate() {
    // Given: yesterday's arrivals of Alice and Bob under scheme 1, told by the generation before
    deduper.takes(seed(aliceSignsIn(), 0), seed(bob(), 1));

    // When: each is told again by a normalizer that writes both schemes, then Carol comes, twice
    deduper.takes(
        underBoth(aliceSignsIn()),
        underBoth(bob()),
        underBoth(carol()),
        underBoth(carol().with(Headers.KEY_DELIVERY, hash(0xd8))),
        underBoth(carol().with(Headers.IDENTITY, hash(0xbad)).with(Headers.KEY_FACT, hash(0xf9))));

    // And: long after, by new keys alone
    Instant later = Instant.parse("2026-11-20T09:00:00Z");
    deduper.takes(renewed(carol()).arrivingAt(later));

    // Then: Carol is new, once; the only conflict is the one of her delivery key
    assertThat(deduper.records(Topics.EVENTS))
        .extracting(event -> Headers.text(event.headers(), Headers.VERDICT))
        .containsExactly("NEW", "CONFLICT");
    assertThat(deduper.records(Topics.DUPLICATES)).hasSize(4);
    assertThat(deduper.records(Topics.CONFLICTS)).hasSize(1);
    assertThat(deduper.records(Topics.DEAD_LETTERS)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        Headers.KEY_SCHEME,
        Headers.KEY_TRANSPORT,
        Headers.KEY_DELIVERY,
        Headers.KEY_FACT,
        Headers.IDENTITY
      })
  void malformedKeyOfThePreviousSchemeIsADeadLetter(String header) {
    // When
    deduper.takes(underBoth(aliceSignsIn()).with(Headers.previous(header), "?"), bob());

    // Then
    DeadLetter letter = deduper.reports(Topics.DEAD_LETTERS, DeadLetter.class).getFirst();
    assertThat(letter.getField()).isEqualTo(Headers.previous(header));
    assertThat(deduper.records(Topics.EVENTS)).hasSize(1);
  }

  private void assertMisplaced() {
    List<DeadLetter> letters = deduper.reports(Topics.DEAD_LETTERS, DeadLetter.class);
    assertThat(letters).extracting(DeadLetter::getReason).containsExactly("MISPLACED_SEED");
    assertThat(letters).extracting(DeadLetter::getField).containsExactly(Headers.SEED);
    assertThat(deduper.records(Topics.EVENTS)).isEmpty();
  }

  private static NormalizedRecord bob() {
    return aliceSignsIn()
        .key("hq:visit-2".getBytes(StandardCharsets.UTF_8))
        .with(Headers.KEY_DELIVERY, hash(0xd2))
        .with(Headers.KEY_FACT, hash(0xf2))
        .with(Headers.IDENTITY, hash(0xb0b));
  }

  private static NormalizedRecord carol() {
    return aliceSignsIn()
        .key("hq:visit-3".getBytes(StandardCharsets.UTF_8))
        .with(Headers.KEY_DELIVERY, hash(0xd7))
        .with(Headers.KEY_FACT, hash(0xf7))
        .with(Headers.IDENTITY, hash(0xca7));
  }

  private static NormalizedRecord seed(NormalizedRecord record, long offset) {
    return record.with(Headers.SEED, "visitor.normalized-0@" + offset);
  }

  /** The keys of scheme 1 step back, those of scheme 2 take their place. */
  private static NormalizedRecord underBoth(NormalizedRecord record) {
    for (String header :
        List.of(
            Headers.KEY_SCHEME,
            Headers.KEY_TRANSPORT,
            Headers.KEY_DELIVERY,
            Headers.KEY_FACT,
            Headers.IDENTITY)) {
      record.with(Headers.previous(header), record.header(header));
    }
    return renewed(record);
  }

  private static NormalizedRecord renewed(NormalizedRecord record) {
    for (String header :
        List.of(Headers.KEY_TRANSPORT, Headers.KEY_DELIVERY, Headers.KEY_FACT, Headers.IDENTITY)) {
      record.with(header, "2" + record.header(header).substring(1));
    }
    return record.with(Headers.KEY_SCHEME, "2");
  }
}
