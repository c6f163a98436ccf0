package dev.vestibule.standalone.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vestibule.contract.Verdict;
import dev.vestibule.contract.VisitVersion;
import dev.vestibule.events.EventType;
import dev.vestibule.events.Review;
import dev.vestibule.events.ReviewOutcome;
import dev.vestibule.events.Sensitivity;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.fake.slack.Click;
import dev.vestibule.fake.slack.FakeMessage;
import dev.vestibule.fake.slack.FakeSlack;
import dev.vestibule.standalone.demo.EventWatch.Sighting;
import dev.vestibule.standalone.demo.Scoreboard.Score;
import dev.vestibule.standalone.simulator.Line;
import dev.vestibule.standalone.simulator.Webhook;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What people see of the day: a Slack of the demo's own, and somebody who answers in it. What
 * should be seen is computed from the events alone.
 */
final class FrontDesk implements AutoCloseable {
  /** Name of the sink that writes here. */
  static final String SINK = "frontdesk";

  /** One channel for each desk, since Slack takes a message a second in a channel. */
  private static final Map<String, String> DESKS =
      Map.of(
          DemoSources.ENVOY, "C0HQ",
          DemoSources.SIGN_IN_APP, "C0LOBBY",
          DemoSources.ESSENTRY, "C0BERLIN");

  private static final String REVIEWS = "C0REVIEWS";
  private static final String ALERTS = "C0ALERTS";
  private static final String PERSON = "U0RECEPTION";

  /** What is told where, and who may answer. */
  static final String RULES =
      """
      routes:
        - { source: hq-envoy, channel: C0HQ, on: [signed-in, signed-out, denied] }
        - { source: hq-envoy, channel: C0REVIEWS, on: [review-required], sensitivities: [standard, restricted] }
        - { source: lobby-sia, channel: C0LOBBY, on: [signed-in, signed-out, denied] }
        - { source: berlin, channel: C0BERLIN, on: [signed-in, signed-out, denied] }
      reviewers:
        - { source: hq-envoy, users: [U0RECEPTION], within: 15m }
      alerts:
        - { channel: C0ALERTS }
      """;

  /** What a message is headed by; a review is one that is answered here. */
  private static final Map<EventType, String> TITLES =
      Map.of(
          EventType.SIGNED_IN, "Visitor signed in",
          EventType.SIGNED_OUT, "Visitor signed out",
          EventType.DENIED, "Visitor denied",
          EventType.REVIEW_REQUIRED, "Visitor approved");

  private static final Set<String> COUNTING = Set.of(Verdict.NEW.name(), Verdict.REVISION.name());

  private final FakeSlack slack;
  private final String token;
  private final String signingSecret;
  private final InstantSource clock;
  private @Nullable String asked;

  /** A message by where it is and whom it is about. */
  private record Place(String channel, String visit) {}

  /**
   * What somebody answered, and what came back.
   *
   * @param expected the status that it should get
   */
  record Answered(String what, int status, int expected) {}

  private FrontDesk(FakeSlack slack, String token, String signingSecret, InstantSource clock) {
    this.slack = slack;
    this.token = token;
    this.signingSecret = signingSecret;
    this.clock = clock;
  }

  /** Listens on any free port; keeps Slack's limits. */
  static FrontDesk start(Random secrets, InstantSource clock) throws IOException {
    String token = "xoxb-" + secret(secrets);
    String signingSecret = secret(secrets);
    FakeSlack slack =
        FakeSlack.start(token, signingSecret, clock)
            .limits(true)
            .channel(REVIEWS, "reviews")
            .channel("C0HQ", "hq")
            .channel("C0LOBBY", "lobby")
            .channel("C0BERLIN", "berlin")
            .channel(ALERTS, "alerts")
            .user(PERSON, "Reception", "reception@example.org");
    return new FrontDesk(slack, token, signingSecret, clock);
  }

  private static String secret(Random random) {
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /** The sink's section of a configuration file. */
  String section() {
    return """
    { type: slack, sensitivities: [standard, restricted], token: %s, signing-secrets: ["%s"],\
     rules: slack.yml, api-url: "%s" }\
    """
        .formatted(token, signingSecret, slack.url());
  }

  /** A page with the channels, as long as this is open. */
  URI page() {
    return slack.page();
  }

  /** The same as a page that needs nothing else. */
  String html() {
    return slack.html();
  }

  /** The channel with the reviews, for a terminal. */
  String picture() {
    return slack.text(REVIEWS);
  }

  // ---- Somebody answers

  /**
   * Answers the newest review: a forger says no, the person says yes, and then no.
   *
   * @param ingress base address of the public port
   * @return empty when nobody was asked in time
   */
  List<Answered> answer(List<Sighting> sightings, URI ingress, Line line, Deadline deadline)
      throws IOException, InterruptedException {
    String visit =
        sightings.stream()
            .map(Sighting::event)
            .filter(event -> event.getType() == EventType.REVIEW_REQUIRED)
            .max(Comparator.comparing(VisitVersion::of))
            .map(event -> event.getVisit().getId())
            .orElse(null);
    FakeMessage question = visit == null ? null : question(visit);
    while (visit != null && question == null && !deadline.passed()) {
      Thread.sleep(deadline.atMost(Duration.ofMillis(20)));
      question = question(visit);
    }
    if (question == null) {
      return List.of();
    }
    asked = visit;
    URI url = ingress.resolve("/hooks/" + SINK + "/interactions");
    Instant now = clock.instant();
    Click yes = slack.click(REVIEWS, question.ts(), "visit_approve", PERSON, now);
    Click no = slack.click(REVIEWS, question.ts(), "visit_deny", PERSON, now.plusMillis(1));
    Webhook forged = new Webhook(no.bytes(), yes.headers(), "");
    return List.of(
        new Answered("Deny, signed for another click", line.send(url, forged).status(), 401),
        new Answered("Approve", line.send(url, signed(yes)).status(), 200),
        new Answered("Deny, a moment too late", line.send(url, signed(no)).status(), 200));
  }

  private static Webhook signed(Click click) {
    return new Webhook(click.bytes(), click.headers(), "");
  }

  private @Nullable FakeMessage question(String visit) {
    return slack.messages(REVIEWS).stream()
        .filter(message -> message.button("visit_deny") != null && visit.equals(visit(message)))
        .findFirst()
        .orElse(null);
  }

  // ---- What is seen

  /** Waits until all is as it should be, and tells how it is. */
  List<Score> scores(EventWatch watch, Deadline deadline) throws InterruptedException {
    List<Score> scores = scores(watch.sightings(), watch.reviews());
    while (!scores.stream().allMatch(Score::right) && !deadline.passed()) {
      Thread.sleep(deadline.atMost(Duration.ofMillis(50)));
      scores = scores(watch.sightings(), watch.reviews());
    }
    return scores;
  }

  /** How all is now. */
  List<Score> scores(List<Sighting> sightings, List<Review> reviews) {
    Map<Place, String> wanted = wanted(sightings);
    Map<Place, List<String>> shown = shown();
    long right =
        wanted.entrySet().stream()
            .filter(entry -> List.of(entry.getValue()).equals(shown.get(entry.getKey())))
            .count();
    long approved = reviews.stream().filter(this::isAsAnswered).count();
    return List.of(
        new Score("messages in Slack", wanted.size(), count(shown)),
        new Score("  that show their visit's last state", wanted.size(), right),
        new Score("  that show who answered", 1, answered()),
        new Score("reviews answered", 1, reviews.size()),
        new Score("  as the person did", 1, approved),
        new Score("answers told to be too late", 1, slack.told().size()));
  }

  /** Headings by where they should be, each once. */
  private static Map<Place, String> wanted(List<Sighting> sightings) {
    Map<Place, String> wanted = new HashMap<>();
    Map<String, String> titles = new HashMap<>();
    sightings.stream()
        .filter(FrontDesk::counts)
        .map(Sighting::event)
        .sorted(Comparator.comparing(VisitVersion::of))
        .forEach(event -> {
          String visit = event.getVisit().getId();
          titles.put(visit, TITLES.get(event.getType()));
          wanted.put(new Place(channel(event), visit), "");
        });
    wanted.replaceAll((place, _) -> titles.get(place.visit()));
    return wanted;
  }

  private static boolean counts(Sighting sighting) {
    VisitorEvent event = sighting.event();
    return DESKS.containsKey(event.getSource())
        && event.getSensitivity() == Sensitivity.STANDARD
        && event.getVisit().getId() != null
        && TITLES.containsKey(event.getType())
        && COUNTING.contains(sighting.verdict());
  }

  private static String channel(VisitorEvent event) {
    return event.getType() == EventType.REVIEW_REQUIRED
        ? REVIEWS
        : DESKS.getOrDefault(event.getSource(), "");
  }

  private Map<Place, List<String>> shown() {
    Map<Place, List<String>> shown = new HashMap<>();
    List<String> channels = new ArrayList<>(DESKS.values());
    channels.add(REVIEWS);
    for (String channel : channels) {
      for (FakeMessage message : slack.messages(channel)) {
        String title = message.blocks().path(0).path("text").path("text").asText();
        shown
            .computeIfAbsent(new Place(channel, visit(message)), _ -> new ArrayList<>())
            .add(title);
      }
    }
    return shown;
  }

  private static long count(Map<Place, List<String>> shown) {
    return shown.values().stream().mapToLong(List::size).sum();
  }

  /** The vendor's id of a visit, as its message ends with it; empty where none stands there. */
  private static String visit(FakeMessage message) {
    for (JsonNode block : message.blocks()) {
      for (JsonNode element : block.path("elements")) {
        String text = element.path("text").asText();
        if (block.path("type").asText().equals("context") && text.startsWith("visit ")) {
          return text.substring("visit ".length());
        }
      }
    }
    return "";
  }

  private long answered() {
    return slack.messages(REVIEWS).stream()
        .filter(message -> visit(message).equals(asked))
        .filter(message -> message.button("visit_deny") == null)
        .filter(message -> message.blocks().toString().contains("Approved by <@" + PERSON + ">"))
        .count();
  }

  private boolean isAsAnswered(Review review) {
    return review.getOutcome() == ReviewOutcome.APPROVED
        && review.getAnsweredBy().equals(PERSON)
        && review.getSink().equals(SINK);
  }

  @Override
  public void close() {
    slack.close();
  }
}
