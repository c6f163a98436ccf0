package dev.vestibule.sink.slack;

import dev.vestibule.events.AlertSeverity;
import dev.vestibule.service.ServiceContext;
import dev.vestibule.sink.SinkAlerts;
import dev.vestibule.sink.SinkAlerts.Subject;
import dev.vestibule.sink.slack.click.Question;
import dev.vestibule.sink.slack.click.Question.Given;
import dev.vestibule.sink.slack.click.Question.VendorTold;
import dev.vestibule.sink.slack.message.Move;
import dev.vestibule.sink.slack.message.Reply;
import dev.vestibule.sink.slack.route.Routes;
import dev.vestibule.sink.slack.vendor.Transitions;
import dev.vestibule.sink.slack.web.SlackApi;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Calls to Slack and to vendors, counted, and told to people where they fail. */
final class DeskHands implements Desk.Hands {
  private static final Duration VENDOR_TOLD_FOR = Duration.ofHours(1);

  private final String sink;
  private final Routes routes;
  private final SlackApi api;
  private final @Nullable Transitions transitions;
  private final SlackHealth health;
  private final SinkAlerts alerts;
  private final MeterRegistry meters;
  private final InstantSource clock;

  DeskHands(
      String sink,
      Routes routes,
      SlackApi api,
      @Nullable Transitions transitions,
      SlackHealth health,
      SinkAlerts alerts,
      ServiceContext context) {
    this.sink = sink;
    this.routes = routes;
    this.api = api;
    this.transitions = transitions;
    this.health = health;
    this.alerts = alerts;
    this.meters = context.meters();
    this.clock = context.clock();
  }

  @Override
  public Reply carryOut(Move move, String to) {
    Reply reply = api.carryOut(move, to);
    meters
        .counter(
            "vestibule.slack.calls",
            "sink",
            sink,
            "call",
            move.getClass().getSimpleName().toLowerCase(Locale.ROOT),
            "result",
            reply instanceof Reply.Failed failed ? failed.code() : "ok")
        .increment();
    health.told(reply, to);
    return reply;
  }

  @Override
  public VendorTold tellVendor(Question question, Given given) throws InterruptedException {
    Optional<String> transition =
        routes.transition(question.source(), question.site(), given.approved());
    if (transitions == null || transition.isEmpty() || question.visitId() == null) {
      return VendorTold.NOT;
    }
    if (!clock.instant().isBefore(given.at().plus(VENDOR_TOLD_FOR))) {
      return notTold(question, "too_late");
    }
    Transitions.Result result =
        transitions.send(new Transitions.Subject.CheckIn(question.visitId()), transition.get());
    return switch (result) {
      case Transitions.Result.Done _ -> VendorTold.DONE;
      case Transitions.Result.Retry _ -> VendorTold.DUE;
      case Transitions.Result.InDoubt(String reason) -> notTold(question, reason);
      case Transitions.Result.Refused(int status) -> notTold(question, "http_" + status);
      case Transitions.Result.Unauthorized(int status) -> notTold(question, "http_" + status);
    };
  }

  @Override
  public void vendorInDoubt(Question question) {
    VendorTold _ = notTold(question, "interrupted");
  }

  private VendorTold notTold(Question question, String reason) {
    alerts.raise(
        "review-not-told",
        AlertSeverity.WARNING,
        question.visit() + " " + question.round(),
        new Subject(question.visit(), question.source(), question.site(), question.eventId()),
        Map.of("reason", reason));
    return VendorTold.FAILED;
  }
}
