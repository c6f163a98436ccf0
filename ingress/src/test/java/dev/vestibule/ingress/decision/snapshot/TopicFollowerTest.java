package dev.vestibule.ingress.decision.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.vestibule.ingress.decision.policy.Decision.Basis;
import dev.vestibule.ingress.decision.policy.EnvoyHook;
import dev.vestibule.ingress.decision.policy.Outcome;
import dev.vestibule.ingress.decision.policy.PolicySet;
import dev.vestibule.ingress.decision.watchlist.Normal;
import dev.vestibule.ingress.decision.watchlist.Person;
import dev.vestibule.ingress.decision.watchlist.Watchlist;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** When a snapshot is complete, how fresh it is, and what no fault may do to it. */
class TopicFollowerTest {
  private static final Instant START = Instant.parse("2026-11-21T08:00:00Z");
  private static final Normal NORMAL = new Normal(null);

  private final Log log = new Log();
  private final Texts texts = new Texts();
  private final List<String> seen = new ArrayList<>();
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger(TopicFollower.class);
  private Instant now = START;
  private @Nullable TopicFollower<Map<String, String>> following;

  /** The records themselves. */
  private static final class Texts implements Content<Map<String, String>> {
    private final Map<String, String> texts = new TreeMap<>();
    private boolean failing;

    @Override
    public void clear() {
      texts.clear();
    }

    @Override
    public boolean take(String key, byte @Nullable [] value) {
      if (failing) {
        failing = false;
        throw new IllegalStateException("a fault of ours");
      }
      if (value == null) {
        texts.remove(key);
      } else if (new String(value, UTF_8).equals("garbage")) {
        return false;
      } else {
        texts.put(key, new String(value, UTF_8));
      }
      return true;
    }

    @Override
    public Map<String, String> value() {
      return Map.copyOf(texts);
    }

    @Override
    public int size() {
      return texts.size();
    }
  }

  @BeforeEach
  void listen() {
    lines.start();
    logger.addAppender(lines);
  }

  @AfterEach
  void stopListening() {
    logger.detachAppender(lines);
  }

  @Test
  void nothingIsShownBeforeTheEndSeenAtTheStartIsReached() {
    log.append("a", "1");
    log.append("b", "2");
    log.append("c", "3");
    log.perPoll(1);

    steps(2);
    assertThat(reading().complete()).isFalse();
    assertThat(reading().value()).isEmpty();
    assertThat(reading().offset()).isEqualTo(-1);

    now = now.plusSeconds(7);
    steps(1);
    assertThat(reading().complete()).isTrue();
    assertThat(reading().value()).containsOnlyKeys("a", "b", "c");
    assertThat(reading().offset()).isEqualTo(2);
    assertThat(reading().records()).isEqualTo(3);
    assertThat(reading().freshAt()).as("when the end was asked for").isEqualTo(START);
  }

  @Test
  void aLongBeginningIsNotShownInParts() {
    for (int i = 0; i <= 20_000; i++) {
      log.append("k" + i, "v");
    }
    log.perPoll(20_000);

    steps(1);
    assertThat(reading().value()).isEmpty();

    steps(1);
    assertThat(reading().value()).hasSize(20_001);
  }

  @Test
  void anEmptyTopicIsComplete() {
    steps(1);

    assertThat(reading().complete()).isTrue();
    assertThat(reading().value()).isEmpty();
    assertThat(reading().offset()).isEqualTo(-1);
  }

  @Test
  void aMissingTopicIsNotComplete() {
    log.remove();

    steps(3);

    assertThat(reading().complete()).isFalse();
    assertThat(messages()).containsExactly("cannot be read, trying again");
  }

  @Test
  void withoutAnAnswerOfTheLeaderTheLastValueStaysAndGrowsOld() {
    log.append("a", "1");
    steps(1);
    log.silent(true);
    now = now.plusSeconds(60);

    steps(5);

    assertThat(reading().value()).containsOnlyKeys("a");
    assertThat(reading().freshAt()).isEqualTo(START);
    assertThat(messages()).containsExactly("cannot be read, trying again");

    log.silent(false);
    log.append("b", "2");
    steps(1);
    assertThat(reading().value()).containsOnlyKeys("a", "b");
    assertThat(reading().freshAt()).isEqualTo(now);
  }

  @Test
  void aReaderThatStaysBehindIsNotFresh() {
    steps(1);
    for (int i = 0; i < 10; i++) {
      log.append("k" + i, "v");
    }
    log.perPoll(2);
    now = now.plusSeconds(10);
    steps(1);
    Instant asked = now;
    now = now.plusSeconds(10);

    steps(3);
    assertThat(reading().freshAt()).isEqualTo(START);

    steps(1);
    assertThat(reading().value()).hasSize(10);
    assertThat(reading().freshAt()).isEqualTo(asked);
  }

  @Test
  void betweenTwoQuestionsRecordsAreShownAtOnceAndMakeNothingFresher() {
    TopicFollower<Map<String, String>> follower = follower(Duration.ofHours(1));
    following = follower;
    steps(1);
    now = now.plusSeconds(3);
    log.append("a", "1");

    steps(1);

    assertThat(reading().value()).containsOnlyKeys("a");
    assertThat(reading().freshAt()).isEqualTo(START);
  }

  @Test
  void whatWasWrittenTogetherIsShownTogether() {
    TopicFollower<Map<String, String>> follower = follower(Duration.ofHours(1));
    following = follower;
    steps(1);
    log.append("a", "1");
    log.append("b", "1");
    log.append("c", "1");
    log.perPoll(1);
    seen.clear();

    steps(3);

    assertThat(seen).containsExactly("{a=1, b=1, c=1}");
  }

  @Test
  void laterRecordsReplaceAndTombstonesRemove() {
    log.append("a", "1");
    log.append("b", "1");
    steps(1);
    log.append("a", "2");
    log.append("b", null);

    steps(1);

    assertThat(reading().value()).isEqualTo(Map.of("a", "2"));
    assertThat(reading().records()).isEqualTo(1);
  }

  @Test
  void aMalformedRecordIsCountedUntilItIsMendedAndLoggedByItsIdAlone() {
    log.append("a", "1");
    log.append("a", "garbage");
    log.append("b", "garbage");

    steps(1);

    assertThat(reading().value()).isEqualTo(Map.of("a", "1"));
    assertThat(reading().malformed()).isEqualTo(2);
    assertThat(lines.list)
        .extracting(event -> event.getMessage() + event.getKeyValuePairs())
        .hasSize(2)
        .allMatch(line -> line.startsWith("a record cannot be understood"))
        .noneMatch(line -> line.contains("garbage"));

    log.append("a", "2");
    log.append("b", null);
    steps(1);
    assertThat(reading().malformed()).isZero();
  }

  @Test
  void manyMalformedRecordsDoNotFloodTheLog() {
    for (int i = 0; i < 500; i++) {
      log.append("k" + i, "garbage");
    }

    steps(1);

    assertThat(reading().malformed()).isEqualTo(500);
    assertThat(lines.list).hasSize(20);
  }

  @Test
  void aPositionThatIsGoneMeansToReadAnewWhileTheOldValueStays() {
    log.append("a", "1");
    steps(1);
    log.recreate();
    log.append("x", "1");
    log.append("y", "1");
    log.perPoll(1);
    log.failNextPoll(new OffsetOutOfRangeException(Map.of(new TopicPartition(Log.TOPIC, 0), 1L)));

    steps(2);
    assertThat(reading().value()).containsOnlyKeys("a");

    steps(1);
    assertThat(reading().value()).containsOnlyKeys("x", "y");
  }

  @Test
  void aTopicThatEndsBeforeWhatWasReadIsReadAnew() {
    log.append("a", "1");
    log.append("b", "1");
    steps(1);
    log.recreate();
    log.append("x", "1");

    steps(1);

    assertThat(reading().value()).containsOnlyKeys("x");
    assertThat(reading().offset()).isZero();
  }

  @Test
  void aTopicThatWasAwayIsReadAnewAndItsValueStaysMeanwhile() {
    log.append("a", "1");
    steps(1);
    log.remove();
    steps(2);
    assertThat(reading().value()).containsOnlyKeys("a");

    log.recreate();
    log.append("x", "1");
    steps(1);

    assertThat(reading().value()).containsOnlyKeys("x");
  }

  @Test
  void newPartitionsAreReadToo() {
    log.append("a", "1");
    steps(1);
    log.grow();
    log.append(1, "b", "1");

    steps(1);

    assertThat(reading().value()).containsOnlyKeys("a", "b");
  }

  @Test
  void whoWasAwayForLongReadsAnewSinceRemovalsAreForgotten() {
    log.append("gone", "1");
    steps(1);
    log.silent(true);
    steps(1);
    log.recreate();
    log.append("other", "1");
    log.silent(false);
    now = now.plus(TopicFollower.LONGEST_GAP).plusSeconds(1);

    steps(1);

    assertThat(reading().value()).containsOnlyKeys("other");
    assertThat(messages()).contains("reading from the beginning");
  }

  @Test
  void aFaultOfOursLosesNoRecord() {
    log.append("a", "1");
    steps(1);
    log.append("b", "1");
    texts.failing = true;

    steps(1);
    assertThat(reading().value()).containsOnlyKeys("a");
    assertThat(messages()).containsExactly("cannot be made a snapshot, reading from the beginning");

    steps(1);
    assertThat(reading().value()).containsOnlyKeys("a", "b");
  }

  @Test
  void aFaultOfKafkaIsToldOnceAndGoneThrough() {
    log.append("a", "1");
    log.failNextPoll(new KafkaException("a fault of theirs"));

    steps(2);

    assertThat(reading().value()).containsOnlyKeys("a");
    assertThat(messages()).containsExactly("cannot be read, trying again");
  }

  @Test
  void anUnreadablePolicyStandsInItsPlaceAndMakesReviews() {
    log.append("open", POLICY);
    TopicFollower<PolicySet> follower =
        new TopicFollower<>(
            Log.TOPIC,
            log.consumer,
            new Policies(),
            PolicySet.EMPTY,
            () -> now,
            null,
            Duration.ZERO,
            () -> {});
    step(follower);
    assertThat(outcome(follower)).isEqualTo(Outcome.APPROVE);

    log.append("broken", "{\"id\":");
    step(follower);

    assertThat(outcome(follower)).isEqualTo(Outcome.REVIEW);
    assertThat(follower.reading().malformed()).isEqualTo(1);
    assertThat(follower.reading().records()).isEqualTo(2);

    log.append("broken", null);
    step(follower);
    assertThat(outcome(follower)).isEqualTo(Outcome.APPROVE);
    assertThat(follower.reading().malformed()).isZero();
  }

  @Test
  void anUnreadableEntryLeavesTheEarlierOneInForce() {
    log.append("e1", "{\"names\":[\"Jane Doe\"],\"origin\":\"manual\"}");
    TopicFollower<Watchlist> follower =
        new TopicFollower<>(
            Log.TOPIC,
            log.consumer,
            new Entries(NORMAL),
            Watchlist.empty(NORMAL),
            () -> now,
            null,
            Duration.ZERO,
            () -> {});
    step(follower);
    log.append("e1", "{\"names\":[]}");
    log.append("e2", "{\"names\":[\"John Roe\"],\"origin\":\"manual\"}");
    step(follower);

    Watchlist watchlist = follower.reading().value();
    assertThat(watchlist.match(new Person("Jane Doe", null, null, null), null, now).hits())
        .extracting(hit -> hit.entry())
        .containsExactly("e1");
    assertThat(watchlist.contains("e2")).isTrue();
    assertThat(follower.reading().malformed()).isEqualTo(1);

    log.append("e1", null);
    step(follower);
    assertThat(follower.reading().value().contains("e1")).isFalse();
    assertThat(follower.reading().records()).isEqualTo(1);
    assertThat(watchlist.contains("e1")).as("a snapshot never changes").isTrue();
  }

  private static final String POLICY =
      """
      {"id":"open","version":1,"order":5,"when":"visitor.name == 'Jane Doe'","outcome":"APPROVE",
       "examples":[
        {"name":"she","input":{"visitor":{"name":"Jane Doe"}},"matches":true},
        {"name":"he","input":{"visitor":{"name":"John Roe"}},"matches":false}]}
      """;

  private Outcome outcome(TopicFollower<PolicySet> follower) {
    byte[] call =
        """
        {"payload":{"id":"1","type":"entries","attributes":{"full-name":"Jane Doe"},
         "relationships":{}}}
        """
            .getBytes(UTF_8);
    var decision =
        follower
            .reading()
            .value()
            .decide(EnvoyHook.read(call, "desk", now, Set.of()), "app", Outcome.REVIEW);
    assertThat(decision.basis())
        .isEqualTo(decision.outcome() == Outcome.APPROVE ? Basis.RULE : Basis.FALLBACK);
    return decision.outcome();
  }

  private void steps(int count) {
    for (int i = 0; i < count; i++) {
      step(following());
    }
  }

  private void step(TopicFollower<?> follower) {
    log.serve();
    follower.tryStep();
  }

  private Reading<Map<String, String>> reading() {
    return following().reading();
  }

  private TopicFollower<Map<String, String>> following() {
    TopicFollower<Map<String, String>> follower = following;
    if (follower == null) {
      follower = follower(Duration.ZERO);
      following = follower;
    }
    return follower;
  }

  private TopicFollower<Map<String, String>> follower(Duration askEvery) {
    return new TopicFollower<>(
        Log.TOPIC,
        log.consumer,
        texts,
        Map.of(),
        () -> now,
        null,
        askEvery,
        () -> seen.add(new TreeMap<>(reading().value()).toString()));
  }

  private List<String> messages() {
    return lines.list.stream().map(ILoggingEvent::getMessage).toList();
  }
}
