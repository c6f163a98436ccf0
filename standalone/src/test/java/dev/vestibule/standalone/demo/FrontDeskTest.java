package dev.vestibule.standalone.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.config.Secret;
import dev.vestibule.contract.Verdict;
import dev.vestibule.events.AccessCredential;
import dev.vestibule.events.EventType;
import dev.vestibule.events.Host;
import dev.vestibule.events.Outcome;
import dev.vestibule.events.Person;
import dev.vestibule.events.Position;
import dev.vestibule.events.Review;
import dev.vestibule.events.ReviewOutcome;
import dev.vestibule.events.Sensitivity;
import dev.vestibule.events.Site;
import dev.vestibule.events.Visit;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.sink.slack.card.Asked;
import dev.vestibule.sink.slack.card.VisitView;
import dev.vestibule.sink.slack.message.Move;
import dev.vestibule.sink.slack.message.Reply;
import dev.vestibule.sink.slack.web.SlackClient;
import dev.vestibule.standalone.demo.EventWatch.Sighting;
import dev.vestibule.standalone.demo.Scoreboard.Score;
import dev.vestibule.standalone.simulator.Answer;
import dev.vestibule.standalone.simulator.Webhook;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The demo's judge must not be pleased too easily. */
class FrontDeskTest {
  private static final Instant NINE = Instant.parse("2026-01-15T09:00:00Z");
  private static final String HQ = "C0HQ";
  private static final String REVIEWS = "C0REVIEWS";
  private static final String MESSAGES = "messages in Slack";
  private static final String LAST_STATE = "  that show their visit's last state";

  private final List<Sighting> sightings = new ArrayList<>();
  private FrontDesk desk;
  private SlackClient client;

  @BeforeEach
  void start() throws IOException {
    desk = FrontDesk.start(new Random(1), () -> NINE);
    String section = desk.section();
    client =
        new SlackClient(
            URI.create(part("api-url: \"(.*?)\"", section)),
            new Secret(part("token: (.*?),", section)),
            SlackClient.TIMEOUT);
  }

  @AfterEach
  void stop() {
    client.close();
    desk.close();
  }

  @Test
  void messageOfEachVisitInItsLastStateIsRight() {
    happens("1", EventType.SIGNED_IN, 0);
    happens("1", EventType.SIGNED_OUT, 5);
    post(HQ, event("1", EventType.SIGNED_OUT, 5), null);

    assertThat(scores()).contains(new Score(MESSAGES, 1, 1), new Score(LAST_STATE, 1, 1));
  }

  @Test
  void missingMessageIsWrong() {
    happens("1", EventType.SIGNED_IN, 0);

    assertThat(scores()).contains(new Score(MESSAGES, 1, 0), new Score(LAST_STATE, 1, 0));
  }

  @Test
  void secondMessageOfAVisitIsWrong() {
    happens("1", EventType.SIGNED_IN, 0);
    post(HQ, event("1", EventType.SIGNED_IN, 0), null);
    post(HQ, event("1", EventType.SIGNED_IN, 0), null);

    assertThat(scores()).contains(new Score(MESSAGES, 1, 2), new Score(LAST_STATE, 1, 0));
  }

  @Test
  void messageThatWasNotChangedIsWrong() {
    happens("1", EventType.SIGNED_OUT, 5);
    happens("1", EventType.SIGNED_IN, 0);
    post(HQ, event("1", EventType.SIGNED_IN, 0), null);

    assertThat(scores()).contains(new Score(MESSAGES, 1, 1), new Score(LAST_STATE, 1, 0));
  }

  @Test
  void whatNoRouteTellsAndWhatContradictsIsNotExpected() {
    VisitorEvent other = event("1", EventType.SIGNED_IN, 0);
    other.setSource(DemoSources.KYBERACCESS);
    VisitorEvent health = event("2", EventType.SIGNED_IN, 0);
    health.setSensitivity(Sensitivity.HEALTH);
    sightings.add(new Sighting("", Verdict.NEW.name(), 0, other));
    sightings.add(new Sighting("", Verdict.NEW.name(), 0, health));
    sightings.add(new Sighting("", Verdict.CONFLICT.name(), 0, event("3", EventType.SIGNED_IN, 0)));

    assertThat(scores()).contains(new Score(MESSAGES, 0, 0));
  }

  @Test
  void answerThatNobodyGaveIsWrong() {
    Review review =
        Review.newBuilder()
            .setReviewId("r")
            .setVisitKey("v")
            .setSource(DemoSources.ENVOY)
            .setVendor("envoy")
            .setAccount("hq")
            .setEventId("e")
            .setDecisionId(null)
            .setOutcome(ReviewOutcome.REFUSED)
            .setSink(FrontDesk.SINK)
            .setAnsweredBy("U0RECEPTION")
            .setAnsweredAt(NINE)
            .build();

    assertThat(desk.scores(sightings, List.of(review)))
        .contains(new Score("reviews answered", 1, 1), new Score("  as the person did", 1, 0));
  }

  @Test
  void forgerHasTheSignatureOfAnotherClick() throws Exception {
    happens("7", EventType.REVIEW_REQUIRED, 0);
    post(
        REVIEWS,
        event("7", EventType.REVIEW_REQUIRED, 0),
        new Asked.Pending(1, "v1.0123456789abcdefghijkl", true, null, NINE.plusSeconds(900)));
    List<Webhook> sent = new ArrayList<>();

    List<FrontDesk.Answered> answers =
        desk.answer(
            sightings,
            URI.create("http://127.0.0.1:1"),
            (url, webhook) -> {
              assertThat(url).hasPath("/hooks/frontdesk/interactions");
              sent.add(webhook);
              return new Answer(200, null, Duration.ZERO);
            },
            Deadline.in(Duration.ofSeconds(10)));

    assertThat(answers).extracting(FrontDesk.Answered::expected).containsExactly(401, 200, 200);
    assertThat(sent).hasSize(3);
    assertThat(sent.get(0).body()).isEqualTo(sent.get(2).body());
    assertThat(sent.get(0).headers()).isEqualTo(sent.get(1).headers());
    assertThat(sent.get(1).headers()).isNotEqualTo(sent.get(2).headers());
  }

  @Test
  void withoutAQuestionNobodyAnswers() throws Exception {
    happens("7", EventType.REVIEW_REQUIRED, 0);

    assertThat(
            desk.answer(
                sightings,
                URI.create("http://127.0.0.1:1"),
                (url, webhook) -> new Answer(200, null, Duration.ZERO),
                Deadline.in(Duration.ofMillis(1))))
        .isEmpty();
  }

  // ---- Parts

  private List<Score> scores() {
    return desk.scores(sightings, List.of());
  }

  private void happens(String visit, EventType type, int minute) {
    sightings.add(new Sighting("", Verdict.NEW.name(), 0, event(visit, type, minute)));
  }

  /** As the sink would. */
  private void post(String channel, VisitorEvent event, @Nullable Asked asked) {
    VisitView view = Objects.requireNonNull(VisitView.of(event));
    Move move = new Move.Post(view.asking(asked).message("key", 1), 1);
    assertThat(client.carryOut(move, channel)).isInstanceOf(Reply.Done.class);
  }

  private static String part(String regex, String text) {
    Matcher matcher = Pattern.compile(regex).matcher(text);
    assertThat(matcher.find()).isTrue();
    return matcher.group(1);
  }

  private static VisitorEvent event(String visit, EventType type, int minute) {
    Instant at = NINE.plusSeconds(60L * minute);
    return VisitorEvent.newBuilder()
        .setEventId(visit + type)
        .setRevision("00000000000000aa")
        .setType(type)
        .setVendor("envoy")
        .setSource(DemoSources.ENVOY)
        .setAccount("hq")
        .setOccurredAt(at)
        .setReceivedAt(at)
        .setPath("webhook")
        .setVisit(Visit.newBuilder().setId(visit).build())
        .setPerson(Person.newBuilder().setFullName("Ada Lovelace").build())
        .setHost(Host.newBuilder().build())
        .setSite(Site.newBuilder().setId("143").build())
        .setCredential(AccessCredential.newBuilder().build())
        .setOutcome(Outcome.newBuilder().build())
        .setSensitivity(Sensitivity.STANDARD)
        .setOrigin(new Position("visitor.raw.envoy", 0, 0L))
        .build();
  }
}
