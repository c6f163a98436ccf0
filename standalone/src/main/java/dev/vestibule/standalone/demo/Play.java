package dev.vestibule.standalone.demo;

import dev.vestibule.config.SourceConfig;
import dev.vestibule.contract.Vendor;
import dev.vestibule.standalone.demo.Act.Lane;
import dev.vestibule.standalone.simulator.Ledger;
import dev.vestibule.standalone.simulator.Message;
import dev.vestibule.standalone.simulator.Planned;
import dev.vestibule.standalone.simulator.RetryRule;
import dev.vestibule.standalone.simulator.Tally;
import dev.vestibule.standalone.simulator.VendorSigner;
import dev.vestibule.standalone.simulator.VisitSimulator;
import dev.vestibule.standalone.simulator.Webhook;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * What the demo plays: the acts, each step signed and with its expectation. The expectations come
 * from a {@link Ledger} that is told every accepted copy in the order of play.
 */
final class Play {
  /** The act in which somebody is asked. */
  static final String REVIEW = "Somebody has to decide";

  private static final int VISITS_PER_VENDOR = 8;
  private static final Duration TOO_OLD_FOR_KYBERACCESS = Duration.ofHours(16);

  private final Map<String, SourceConfig> sources;
  private final VisitSimulator simulator;
  private final InstantSource clock;
  private final Ledger ledger = new Ledger();

  Play(Map<String, SourceConfig> sources, Random random, InstantSource clock) {
    this.sources = sources;
    this.simulator = new VisitSimulator(random, clock);
    this.clock = clock;
  }

  /** All acts, in order. To be called once: the ledger remembers. */
  List<Act> acts() {
    return List.of(
        oneArrival(),
        ordinaryDay(),
        review(),
        lostAnswers(),
        sameFactAgain(),
        contradictions(),
        uninvited(),
        oddities());
  }

  private Act oneArrival() {
    return new Act(
        "One arrival",
        "KyberAccess signs and posts a visitor.checked_in.",
        List.of(lane(DemoSources.KYBERACCESS, sent(simulator.kyberAccessArrival()))));
  }

  private Act ordinaryDay() {
    List<Lane> lanes = new ArrayList<>();
    for (String source : DemoSources.FRONT_DESKS) {
      Vendor vendor = source(source).vendor();
      List<Step> steps = new ArrayList<>();
      for (int visit = 0; visit < VISITS_PER_VENDOR; visit++) {
        simulator.visit(vendor).forEach(planned -> steps.add(step(source, planned)));
      }
      simulator.rarities(vendor).forEach(planned -> steps.add(step(source, planned)));
      lanes.add(new Lane(source, steps));
    }
    return new Act(
        "An ordinary day",
        VISITS_PER_VENDOR
            + " visits at each of "
            + lanes.size()
            + " front desks, and one of every other kind of event.",
        lanes);
  }

  private Act review() {
    return new Act(
        REVIEW,
        "Envoy holds a visitor for a review. Slack shows two buttons; a forged answer is refused,"
            + " the first genuine one counts.",
        List.of(lane(DemoSources.ENVOY, List.of(simulator.envoyReview()))));
  }

  private Act lostAnswers() {
    List<Lane> lanes = new ArrayList<>();
    for (String source : DemoSources.FRONT_DESKS) {
      Vendor vendor = source(source).vendor();
      if (!RetryRule.of(vendor).waits().isEmpty()) {
        Planned planned = simulator.visit(vendor).getLast();
        lanes.add(new Lane(source, List.of(step(source, planned, 1))));
      }
    }
    return new Act(
        "Answers get lost",
        "Each vendor that retries posts a webhook, does not hear our 200, and posts it again.",
        lanes);
  }

  private Act sameFactAgain() {
    Planned arrival = simulator.kyberAccessArrival();
    List<Lane> lanes = new ArrayList<>();
    lanes.add(
        new Lane(
            DemoSources.KYBERACCESS,
            List.of(
                step(DemoSources.KYBERACCESS, arrival),
                step(DemoSources.KYBERACCESS, simulator.replayed(arrival)),
                step(DemoSources.KYBERACCESS_SECOND, simulator.replayed(arrival)))));
    lanes.add(lane(DemoSources.SIGN_IN_APP, simulator.signInAppTwoRules()));
    lanes.add(lane(DemoSources.ENVOY, simulator.envoyTwoTellings()));
    lanes.add(lane(DemoSources.ESSENTRY, simulator.essentryUnchanged()));
    return new Act(
        "The same fact in other clothes",
        "Another delivery id, a second webhook on the same account, a snapshot without a change;"
            + " and a copy that says more, which is a revision.",
        lanes);
  }

  private Act contradictions() {
    return new Act(
        "Contradictions",
        "One idempotency key for two facts, and a delivery header used twice: both are reported,"
            + " neither fact is lost.",
        List.of(
            lane(DemoSources.SIGN_IN_APP, simulator.signInAppContradiction()),
            lane(DemoSources.KYBERACCESS, simulator.kyberAccessReusedHeader())));
  }

  private Act uninvited() {
    Planned arrival = simulator.kyberAccessArrival();
    Webhook genuine = sign(DemoSources.KYBERACCESS, arrival.message(), clock.instant());
    Instant tooOld = clock.instant().minus(TOO_OLD_FOR_KYBERACCESS);
    Webhook stale = sign(DemoSources.KYBERACCESS, simulator.kyberAccessArrival().message(), tooOld);
    byte[] tampered =
        arrival
            .message()
            .text()
            .replace("visitor.checked_in", "visitor.checked_up")
            .getBytes(StandardCharsets.UTF_8);
    Webhook oversize = sign(DemoSources.ENVOY, oversize(), clock.instant());
    return new Act(
        "Uninvited",
        "None of these gets past the door or leaves a trace behind it.",
        List.of(
            refused(
                DemoSources.KYBERACCESS, "forged: body changed", genuine.withBody(tampered), 401),
            refused(DemoSources.KYBERACCESS, "stale: signed 16 h ago", stale, 401),
            refused(DemoSources.CURACEL, "unsigned", genuine.unsigned(), 401),
            refused("nobody", "unknown source", genuine, 404),
            refused(DemoSources.ENVOY, "larger than 1 MiB", oversize, 413)));
  }

  private Act oddities() {
    byte[] cutOff =
        "{\"id\":\"evt_1\",\"event\":\"visitor.checked_in\",".getBytes(StandardCharsets.UTF_8);
    Planned unreadable =
        Planned.unreadable(new Message(Vendor.KYBERACCESS, "cut off", "dlv_cut_off", cutOff));
    return new Act(
        "Signed, but odd",
        "Half a body becomes a dead letter, an unheard-of event is OTHER, and a claim with"
            + " diagnoses is acknowledged and never stored.",
        List.of(
            lane(DemoSources.KYBERACCESS, List.of(unreadable, simulator.kyberAccessUnheardOf())),
            lane(DemoSources.CURACEL, List.of(simulator.curacelClaim()))));
  }

  private Lane lane(String source, List<Planned> story) {
    return new Lane(source, story.stream().map(planned -> step(source, planned)).toList());
  }

  private static List<Planned> sent(Planned planned) {
    return List.of(planned);
  }

  private Step step(String source, Planned planned) {
    return step(source, planned, 0);
  }

  private Step step(String source, Planned planned, int lostAnswers) {
    Tally effects = Tally.NOTHING;
    for (int copy = 0; copy <= lostAnswers; copy++) {
      effects = effects.plus(ledger.accept(planned));
    }
    boolean stored = !planned.readable() || !planned.facts().isEmpty();
    return new Step(
        source,
        planned.message().name(),
        sign(source, planned.message(), clock.instant()),
        RetryRule.of(source(source).vendor()),
        lostAnswers,
        200,
        stored ? 1 + lostAnswers : 0,
        effects);
  }

  /** Whoever knocks like this does not come back, so there is one attempt. */
  private static Lane refused(String source, String label, Webhook webhook, int status) {
    return new Lane(
        source,
        List.of(new Step(source, label, webhook, RetryRule.NONE, 0, status, 0, Tally.NOTHING)));
  }

  private static Message oversize() {
    byte[] body = new byte[SourceConfig.DEFAULT_MAX_BODY_BYTES + 1];
    Arrays.fill(body, (byte) ' ');
    return new Message(Vendor.ENVOY, "oversize", "", body);
  }

  private Webhook sign(String source, Message message, Instant now) {
    return VendorSigner.forSource(source(source)).sign(message.body(), message.deliveryId(), now);
  }

  private SourceConfig source(String name) {
    SourceConfig source = sources.get(name);
    if (source == null) {
      throw new IllegalArgumentException("the demo needs a source " + name);
    }
    return source;
  }
}
