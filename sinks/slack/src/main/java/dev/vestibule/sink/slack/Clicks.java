package dev.vestibule.sink.slack;

import dev.vestibule.service.ServiceContext;
import dev.vestibule.sink.Sessions;
import dev.vestibule.sink.slack.click.Answer;
import dev.vestibule.sink.slack.click.Interaction;
import dev.vestibule.sink.slack.click.Question;
import dev.vestibule.sink.slack.click.Question.Given;
import dev.vestibule.sink.slack.click.Question.Reason;
import dev.vestibule.sink.slack.click.Question.Ruling;
import dev.vestibule.sink.slack.message.Reply;
import dev.vestibule.sink.slack.route.Reviewers;
import dev.vestibule.sink.slack.web.Lookup;
import dev.vestibule.sink.slack.web.SlackApi;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What people click: who they are is asked of Slack, and what it means of the desk. */
final class Clicks {
  /** What is older counts no more. */
  static final Duration COUNT_FOR = Duration.ofDays(1);

  private static final Logger LOG = LoggerFactory.getLogger(Clicks.class);

  /** How long Slack is asked about who clicked. */
  private static final Duration ASKED_FOR = Duration.ofSeconds(30);

  private static final Duration ASKED_AGAIN_AFTER = Duration.ofSeconds(2);

  private final String sink;
  private final SlackApi api;
  private final @Nullable String app;
  private final Sessions<Desk> sessions;
  private final MeterRegistry meters;
  private final InstantSource clock;
  private @Nullable String team;

  Clicks(
      String sink,
      SlackSettings settings,
      SlackApi api,
      Sessions<Desk> sessions,
      ServiceContext context) {
    this.sink = sink;
    this.api = api;
    this.app = settings.app();
    this.team = settings.team();
    this.sessions = sessions;
    this.meters = context.meters();
    this.clock = context.clock();
  }

  /** Takes a request of Slack's; durable on return. */
  void take(ConsumerRecord<byte[], byte[]> record) throws InterruptedException {
    Interaction interaction =
        record.value() == null
            ? new Interaction.Unreadable("body")
            : Interaction.of(record.value());
    switch (interaction) {
      case Interaction.Clicked(Answer answer) -> {
        Instant at = clickedAt(record);
        if (at.plus(COUNT_FOR).isBefore(clock.instant())) {
          count("too_old");
        } else {
          answer(answer, at);
        }
      }
      case Interaction.Other(String _) -> count("other");
      case Interaction.Unreadable(String field) -> {
        LOG.atWarn()
            .addKeyValue("sink", sink)
            .addKeyValue("field", field)
            .addKeyValue("offset", record.offset())
            .log("a click of Slack's cannot be read");
        count("unreadable");
      }
    }
  }

  private static Instant clickedAt(ConsumerRecord<byte[], byte[]> record) {
    return Instant.ofEpochMilli(record.timestamp());
  }

  private void count(String result) {
    meters.counter("vestibule.slack.clicks", "sink", sink, "result", result).increment();
  }

  private void answer(Answer answer, Instant at) throws InterruptedException {
    Asking asking = new Asking(clock.instant().plus(ASKED_FOR));
    String ours = team(asking);
    Question.Clicker who = ours == null ? null : clicker(answer, asking);
    if (ours == null || who == null) {
      tell(answer, "Slack did not say who you are. Please click again.");
      count("not_known");
      return;
    }
    switch (sessions.current().answer(answer, who, ours, app, at)) {
      case Ruling.Counts(Given given) -> {
        count(given.approved() ? "approved" : "denied");
        LOG.atInfo()
            .addKeyValue("sink", sink)
            .addKeyValue("approved", given.approved())
            .addKeyValue("by", given.by())
            .log("a review was answered");
      }
      case Ruling.Refused(Reason reason) -> {
        count(reason.name().toLowerCase(Locale.ROOT));
        if (reason != Reason.SAME_CLICK) {
          tell(answer, reason.text());
        }
      }
    }
  }

  private void tell(Answer answer, String text) {
    if (answer.responseUrl() != null) {
      api.tell(answer.responseUrl(), text);
    }
  }

  /** Asks Slack until it says something, for a while. */
  private final class Asking {
    private final Instant until;

    Asking(Instant until) {
      this.until = until;
    }

    /** What Slack said at last; a failure where it said nothing that helps. */
    <T> Lookup<T> ask(Supplier<Lookup<T>> question) throws InterruptedException {
      while (true) {
        Lookup<T> said = question.get();
        if (!(said instanceof Lookup.Failed<T>(Reply.Failed why))) {
          return said;
        }
        Duration pause = why.after() == null ? ASKED_AGAIN_AFTER : why.after();
        if (!isTransient(why) || clock.instant().plus(pause).isAfter(until)) {
          return said;
        }
        Thread.sleep(pause);
      }
    }
  }

  /** Whether asking again may help without anybody doing something. */
  private static boolean isTransient(Reply.Failed why) {
    return why.scope() != Reply.Scope.TOKEN
        && (why.failure() == Reply.Failure.NOT_NOW || why.failure() == Reply.Failure.AMBIGUOUS);
  }

  private @Nullable String team(Asking asking) throws InterruptedException {
    String known = team;
    if (known == null && asking.ask(api::team) instanceof Lookup.Known<String>(String ours)) {
      known = ours;
      team = ours;
    }
    return known;
  }

  /** Who clicked, with those user groups that matter here; null where Slack does not say. */
  private Question.@Nullable Clicker clicker(Answer answer, Asking asking)
      throws InterruptedException {
    if (!(asking.ask(() -> api.clicker(answer.user()))
        instanceof Lookup.Known<Question.Clicker>(Question.Clicker who))) {
      return null;
    }
    Optional<Reviewers> reviewers = sessions.current().reviewers(answer);
    if (reviewers.isEmpty() || reviewers.get().users().contains(answer.user())) {
      return who;
    }
    Set<String> groups = new HashSet<>();
    boolean allSaid = true;
    for (String group : reviewers.get().groups()) {
      switch (asking.ask(() -> api.members(group))) {
        case Lookup.Known<Set<String>>(Set<String> members) -> {
          if (members.contains(answer.user())) {
            groups.add(group);
          }
        }
        case Lookup.Unknown<Set<String>> _ -> {}
        case Lookup.Failed<Set<String>> _ -> allSaid = false;
      }
    }
    return allSaid || !groups.isEmpty() ? new Question.Clicker(who.guest(), groups) : null;
  }
}
