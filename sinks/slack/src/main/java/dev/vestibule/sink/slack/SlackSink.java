package dev.vestibule.sink.slack;

import dev.vestibule.config.ConfigException;
import dev.vestibule.config.SinkConfig;
import dev.vestibule.config.SourceConfig;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Topics;
import dev.vestibule.events.Alert;
import dev.vestibule.events.AlertSeverity;
import dev.vestibule.events.Decision;
import dev.vestibule.events.DecisionOutcome;
import dev.vestibule.events.DecisionPhase;
import dev.vestibule.events.EventType;
import dev.vestibule.events.Review;
import dev.vestibule.events.ReviewOutcome;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.serde.AvroDeserializer;
import dev.vestibule.serde.AvroSerializer;
import dev.vestibule.service.Service;
import dev.vestibule.service.ServiceContext;
import dev.vestibule.sink.EventsSubscription;
import dev.vestibule.sink.Follower;
import dev.vestibule.sink.Sessions;
import dev.vestibule.sink.SinkAlerts;
import dev.vestibule.sink.SinkAlerts.Subject;
import dev.vestibule.sink.StateLog;
import dev.vestibule.sink.Value;
import dev.vestibule.sink.lane.Handler;
import dev.vestibule.sink.lane.LaneService;
import dev.vestibule.sink.lane.LaneSettings;
import dev.vestibule.sink.lane.Outcome;
import dev.vestibule.sink.lane.Work;
import dev.vestibule.sink.slack.click.Answer;
import dev.vestibule.sink.slack.click.Interaction;
import dev.vestibule.sink.slack.click.Question;
import dev.vestibule.sink.slack.click.Question.Given;
import dev.vestibule.sink.slack.click.Question.Reason;
import dev.vestibule.sink.slack.click.Question.Ruling;
import dev.vestibule.sink.slack.click.Question.VendorTold;
import dev.vestibule.sink.slack.message.MessageState;
import dev.vestibule.sink.slack.message.Move;
import dev.vestibule.sink.slack.message.Reply;
import dev.vestibule.sink.slack.route.Destination;
import dev.vestibule.sink.slack.route.Reviewers;
import dev.vestibule.sink.slack.route.Routes;
import dev.vestibule.sink.slack.vendor.Transitions;
import dev.vestibule.sink.slack.web.Lookup;
import dev.vestibule.sink.slack.web.SlackApi;
import dev.vestibule.sink.slack.web.SlackClient;
import io.micrometer.core.instrument.Gauge;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One sink that writes to Slack, as a service. Events come through lanes and are taken when the
 * sink's own states say so; what Slack shows follows, however long Slack is away. Reviews at the
 * door, alerts and clicks have readers of their own.
 *
 * <p>Guarantee: each message is posted once, whatever happens to this process, and ends up showing
 * where its visit stands; an answer counts once, and is on {@code visitor.reviews} when a message
 * says that it was given.
 */
final class SlackSink implements Service {
  private static final Logger LOG = LoggerFactory.getLogger(SlackSink.class);

  /** What a review at the door is worth telling. */
  private static final Duration DECISIONS_COUNT_FOR = Duration.ofDays(1);

  private static final Duration CLICKS_COUNT_FOR = Duration.ofDays(1);

  /** How long Slack is asked about who clicked. */
  private static final Duration ASKED_FOR = Duration.ofSeconds(30);

  private static final Duration ASKED_AGAIN_AFTER = Duration.ofSeconds(2);
  private static final Duration FAILING_LONG = Duration.ofMinutes(10);
  private static final Duration VENDOR_PATIENCE = Duration.ofSeconds(10);
  private static final Duration VENDOR_TOLD_FOR = Duration.ofHours(1);

  private static final int MOST_HOSTS = 10_000;

  private final ServiceContext context;
  private final SinkConfig sink;
  private final SlackSettings settings;
  private final EventsSubscription subscription;
  private final SlackApi api;
  private final @Nullable Transitions transitions;
  private final SinkAlerts alerts;
  private final TopicNames names;
  private final AvroDeserializer<Decision> decisions;
  private final AvroDeserializer<Alert> alertReader;
  private final Serializer<SpecificRecord> serializer;
  private final Map<String, String> hosts = new ConcurrentHashMap<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Sessions<Desk> sessions;
  private final Follower reports;
  private final Follower clicks;
  private final @Nullable SinkConfig granted;
  private @Nullable LaneService lanes;
  private boolean begun;
  private boolean closing;
  private @Nullable Instant awaySince;
  private boolean toldAway;
  private volatile @Nullable String team;

  private SlackSink(ServiceContext context, SinkConfig sink, SlackSettings settings, SlackApi api) {
    this.context = context;
    this.sink = sink;
    this.settings = settings;
    this.api = api;
    this.team = settings.team();
    this.names = context.config().topicNames();
    this.subscription = EventsSubscription.of(context.config(), sink);
    this.granted = granted(sink, settings.routes());
    this.alerts = new SinkAlerts(context, sink.name());
    this.decisions = new AvroDeserializer<>(Decision.class, context.registry());
    this.alertReader = new AvroDeserializer<>(Alert.class, context.registry());
    this.serializer =
        AvroSerializer.from(
            context.config().kafka(), context.config().registry(), context.registry());
    this.transitions = transitions(context, settings);
    this.sessions = new Sessions<>(sink.name(), this::open, this::begin);
    this.reports =
        new Follower(
            "slack-reports-" + sink.name(),
            subscription.beside("reports")::open,
            List.of(names.of(Topics.DECISIONS), names.of(Topics.ALERTS)),
            DECISIONS_COUNT_FOR,
            context.clock(),
            this::reported);
    this.clicks =
        new Follower(
            "slack-clicks-" + sink.name(),
            subscription.beside("clicks")::open,
            List.of(names.of(Topics.interactions(sink.name()).name())),
            CLICKS_COUNT_FOR,
            context.clock(),
            this::clicked);
    gauge("vestibule.slack.waiting", "Messages that are to be written", Desk::waiting);
    gauge("vestibule.slack.messages", "Messages that are remembered", Desk::messages);
    gauge("vestibule.slack.questions", "Reviews that nobody has answered", Desk::open);
  }

  /** What no rule names is not even read; null where nothing is. */
  private static @Nullable SinkConfig granted(SinkConfig sink, Routes routes) {
    return routes.sensitivities().isEmpty()
        ? null
        : new SinkConfig(sink.name(), sink.type(), routes.sensitivities(), sink.settings());
  }

  private static @Nullable Transitions transitions(ServiceContext context, SlackSettings settings) {
    SlackSettings.TransitionsAt at = settings.transitions();
    return at == null
        ? null
        : new Transitions(at.url(), at.token(), VENDOR_PATIENCE, context.clock());
  }

  private interface Count {
    long of(Desk desk);
  }

  private void gauge(String name, String what, Count count) {
    Gauge.builder(
            name,
            this,
            one -> {
              Desk desk = one.sessions.now();
              return desk == null ? 0 : count.of(desk);
            })
        .description(what)
        .tag("sink", sink.name())
        .register(context.meters());
  }

  /**
   * Begins to tell people.
   *
   * @throws ConfigException when the configuration or the rules cannot be used; nobody was called
   */
  static SlackSink start(ServiceContext context, SinkConfig sink) {
    SlackSettings settings = SlackSettings.of(context.config(), sink);
    SlackSink service =
        new SlackSink(
            context,
            sink,
            settings,
            new SlackClient(settings.api(), settings.token(), SlackClient.TIMEOUT));
    if (settings.routes().isSilent()) {
      LOG.atWarn()
          .addKeyValue("sink", sink.name())
          .log("nobody is told anything: neither rules nor a channel are configured");
    }
    service.sessions.start();
    return service;
  }

  // ---- Sessions

  private Desk open() {
    StateFormat format = new StateFormat(context.identity());
    Map<String, MessageState> messages = new ConcurrentHashMap<>();
    Map<String, Question> questions = new ConcurrentHashMap<>();
    StateLog log =
        StateLog.open(
            context.config(),
            sink,
            "messages",
            names.of(Topics.messages(sink.name()).name()),
            (key, value, at) -> {
              if (key.startsWith(Desk.MESSAGE)) {
                put(messages, key, value == null ? null : format.message(value));
              } else if (key.startsWith(Desk.QUESTION)) {
                put(questions, key, value == null ? null : format.question(value));
              } else {
                throw new KafkaException("the states hold a key that is not ours: " + key);
              }
            });
    Desk desk =
        new Desk(
            sink.name(),
            settings.routes(),
            context.identity(),
            messages.values(),
            questions.values(),
            new DeskLog(log),
            new DeskHands(),
            context.clock(),
            new SecureRandom(),
            Desk.MOST_WAITING);
    try {
      desk.start();
    } catch (RuntimeException e) {
      desk.close();
      throw e;
    }
    LOG.atInfo()
        .addKeyValue("sink", sink.name())
        .addKeyValue("messages", messages.size())
        .log("messages are looked after");
    return desk;
  }

  private static <T> void put(Map<String, T> states, String key, @Nullable T state) {
    if (state == null) {
      states.remove(key);
    } else {
      states.put(key, state);
    }
  }

  /** Events, reports and clicks are read as soon as there are states to put them in. */
  private void begin() {
    lock.lock();
    try {
      if (!begun && !closing) {
        begun = true;
        reports.start();
        clicks.start();
        if (granted != null) {
          lanes = LaneService.start(context, granted, new Events(), LaneSettings.DEFAULTS);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private final class DeskLog implements Desk.Log {
    private final StateLog log;

    DeskLog(StateLog log) {
      this.log = log;
    }

    @Override
    public ProducerRecord<byte[], byte[]> record(String key, byte @Nullable [] value) {
      return log.record(key, value);
    }

    @Override
    public ProducerRecord<byte[], byte[]> review(Question question, Given given) {
      String topic = names.of(Topics.REVIEWS);
      ProducerRecord<byte[], byte[]> record =
          new ProducerRecord<>(
              topic,
              question.visit().getBytes(StandardCharsets.UTF_8),
              serializer.serialize(topic, SlackSink.this.review(question, given)));
      Headers.put(record.headers(), Headers.SOURCE, question.source());
      return record;
    }

    @Override
    public CompletableFuture<@Nullable Void> write(List<ProducerRecord<byte[], byte[]>> records) {
      return log.write(records);
    }

    @Override
    public @Nullable KafkaException failure() {
      return log.failure();
    }

    @Override
    public void close() {
      log.close();
    }
  }

  private Review review(Question question, Given given) {
    SourceConfig source = context.config().sources().get(question.source());
    if (source == null) {
      throw new IllegalStateException("no source " + question.source());
    }
    return Review.newBuilder()
        .setReviewId(
            context
                .identity()
                .hash(
                    "review",
                    sink.name(),
                    question.visit(),
                    question.eventId(),
                    question.decisionId(),
                    Long.toString(question.round())))
        .setVisitKey(question.visit())
        .setSource(source.name())
        .setVendor(source.vendor().id())
        .setAccount(source.account())
        .setEventId(question.eventId())
        .setDecisionId(question.decisionId())
        .setOutcome(given.approved() ? ReviewOutcome.APPROVED : ReviewOutcome.REFUSED)
        .setSink(sink.name())
        .setAnsweredBy(given.by())
        .setAnsweredAt(given.at().truncatedTo(ChronoUnit.MICROS))
        .build();
  }

  private final class DeskHands implements Desk.Hands {
    @Override
    public Reply carryOut(Move move, String to) {
      Reply reply = api.carryOut(move, to);
      context
          .meters()
          .counter(
              "vestibule.slack.calls",
              "sink",
              sink.name(),
              "call",
              move.getClass().getSimpleName().toLowerCase(Locale.ROOT),
              "result",
              reply instanceof Reply.Failed failed ? failed.code() : "ok")
          .increment();
      tellOthers(reply, to);
      return reply;
    }

    @Override
    public VendorTold tellVendor(Question question, Given given) throws InterruptedException {
      Optional<String> transition =
          settings.routes().transition(question.source(), question.site(), given.approved());
      if (transitions == null || transition.isEmpty() || question.visitId() == null) {
        return VendorTold.NOT;
      }
      if (!context.clock().instant().isBefore(given.at().plus(VENDOR_TOLD_FOR))) {
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

  // ---- Slack's health

  private void tellOthers(Reply reply, String to) {
    if (!(reply instanceof Reply.Failed failed)) {
      over();
      return;
    }
    switch (failed.scope()) {
      case TOKEN -> away("destination-blocked", failed.code(), Duration.ZERO);
      case SLACK -> away("destination-failing", failed.code(), FAILING_LONG);
      case CHANNEL -> raise("slack-channel-refused", to + " " + failed.code(), failed.code(), to);
      case MESSAGE -> {
        if (failed.failure() == Reply.Failure.REFUSED
            || failed.failure() == Reply.Failure.MALFORMED) {
          raise("slack-message-refused", failed.code(), failed.code(), to);
        }
      }
      case METHOD -> {}
    }
  }

  private void raise(String kind, String about, String reason, String to) {
    alerts.raise(
        kind, AlertSeverity.WARNING, about, Subject.NOBODY, Map.of("reason", reason, "to", to));
  }

  private void away(String kind, String reason, Duration longAfter) {
    Instant now = context.clock().instant();
    lock.lock();
    try {
      Instant since = awaySince == null ? now : awaySince;
      awaySince = since;
      if (now.isBefore(since.plus(longAfter))) {
        return;
      }
      toldAway = true;
      alerts.raise(
          kind,
          AlertSeverity.CRITICAL,
          since.toString(),
          Subject.NOBODY,
          Map.of("reason", reason, "since", since.toString()));
    } finally {
      lock.unlock();
    }
  }

  private void over() {
    lock.lock();
    try {
      Instant since = awaySince;
      if (since != null && toldAway) {
        alerts.raise(
            "destination-back",
            AlertSeverity.INFO,
            since.toString(),
            Subject.NOBODY,
            Map.of("since", since.toString()));
      }
      awaySince = null;
      toldAway = false;
    } finally {
      lock.unlock();
    }
  }

  // ---- Events

  private final class Events implements Handler {
    @Override
    public Outcome handle(Work work) throws InterruptedException {
      VisitorEvent event = work.event().event();
      String id = event.getVisit().getId();
      if (id == null) {
        return new Outcome.Skip("no_visit");
      }
      Routes routes = settings.routes();
      List<Desk.Place> places = new ArrayList<>();
      for (Routes.Posting posting : routes.of(event)) {
        switch (posting.to()) {
          case Destination.Channel(String channel) -> places.add(place(posting, channel));
          case Destination.Direct(String email) -> {
            switch (host(email)) {
              case Lookup.Known<String>(String user) -> places.add(place(posting, user));
              case Lookup.Unknown<String> _ -> {}
              case Lookup.Failed<String>(Reply.Failed why) -> {
                return retry(why);
              }
            }
          }
        }
      }
      String host = null;
      if (event.getType() == EventType.REVIEW_REQUIRED && needsHost(event)) {
        String email = Routes.email(event);
        if (email != null && host(email) instanceof Lookup.Failed<String>(Reply.Failed why)) {
          return retry(why);
        }
        host = email == null ? null : hosts.get(email);
      }
      String visit = context.identity().visit(event.getAccount(), id);
      return sessions.current().take(work.event(), visit, places, host)
          ? new Outcome.Done("noted")
          : new Outcome.Skip(places.isEmpty() ? "no_route" : "nothing_new");
    }

    private boolean needsHost(VisitorEvent event) {
      return settings
          .routes()
          .reviewers(event.getSource(), event.getSite().getId())
          .map(Reviewers::fourEyes)
          .orElse(false);
    }

    private static Desk.Place place(Routes.Posting posting, String to) {
      return new Desk.Place(to, posting.begins(), posting.thread(), posting.sensitivities());
    }

    private static Outcome retry(Reply.Failed why) {
      return why.scope() == Reply.Scope.TOKEN
          ? new Outcome.Blocked(why.code())
          : new Outcome.Retry(why.after(), "host_unknown_yet");
    }
  }

  private Lookup<String> host(String email) {
    String known = hosts.get(email);
    if (known != null) {
      return new Lookup.Known<>(known);
    }
    Lookup<String> found = api.userByEmail(email);
    if (found instanceof Lookup.Failed<String>(Reply.Failed why) && isHopeless(why)) {
      // The others are told all the same.
      raise("slack-channel-refused", "users " + why.code(), why.code(), "hosts in person");
      return new Lookup.Unknown<>();
    }
    if (found instanceof Lookup.Known<String>(String user)) {
      if (hosts.size() > MOST_HOSTS) {
        hosts.clear();
      }
      hosts.put(email, user);
    }
    return found;
  }

  private static boolean isHopeless(Reply.Failed why) {
    return why.code().equals("missing_scope")
        || why.failure() == Reply.Failure.REFUSED
        || why.failure() == Reply.Failure.MALFORMED;
  }

  // ---- Reviews at the door, and alerts

  private void reported(ConsumerRecord<byte[], byte[]> record) throws InterruptedException {
    if (record.topic().equals(names.of(Topics.ALERTS))) {
      if (Value.of(alertReader, record) instanceof Value.Read<Alert>(Alert alert, int _)) {
        sessions.current().alert(alert);
      }
    } else if (Value.of(decisions, record) instanceof Value.Read<Decision>(Decision one, int _)
        && one.getPhase() == DecisionPhase.DECIDED
        && one.getOutcome() == DecisionOutcome.REVIEW
        && one.getVisitKey() != null) {
      sessions
          .current()
          .review(one.getSource(), one.getVisitKey(), one.getDecisionId(), one.getDecidedAt());
    }
  }

  // ---- Clicks

  private void clicked(ConsumerRecord<byte[], byte[]> record) throws InterruptedException {
    Interaction interaction =
        record.value() == null
            ? new Interaction.Unreadable("body")
            : Interaction.of(record.value());
    switch (interaction) {
      case Interaction.Clicked(Answer answer) -> {
        Instant at = clickedAt(record);
        if (at.plus(CLICKS_COUNT_FOR).isBefore(context.clock().instant())) {
          count("too_old");
        } else {
          answer(answer, at);
        }
      }
      case Interaction.Other(String _) -> count("other");
      case Interaction.Unreadable(String field) -> {
        LOG.atWarn()
            .addKeyValue("sink", sink.name())
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
    context
        .meters()
        .counter("vestibule.slack.clicks", "sink", sink.name(), "result", result)
        .increment();
  }

  private void answer(Answer answer, Instant at) throws InterruptedException {
    Asking asking = new Asking(context.clock().instant().plus(ASKED_FOR));
    String ours = team(asking);
    Question.Clicker who = ours == null ? null : clicker(answer, asking);
    if (ours == null || who == null) {
      tell(answer, "Slack did not say who you are. Please click again.");
      count("not_known");
      return;
    }
    switch (sessions.current().answer(answer, who, ours, settings.app(), at)) {
      case Ruling.Counts(Given given) -> {
        count(given.approved() ? "approved" : "denied");
        LOG.atInfo()
            .addKeyValue("sink", sink.name())
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
        if (!isTransient(why) || context.clock().instant().plus(pause).isAfter(until)) {
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

  // ---- Service

  @Override
  public String name() {
    return SlackSinks.NAME;
  }

  private @Nullable LaneService lanes() {
    lock.lock();
    try {
      return lanes;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean ready() {
    LaneService reading = lanes();
    return sessions.now() != null
        && (granted == null || (reading != null && reading.ready()))
        && reports.ready()
        && clicks.ready();
  }

  @Override
  public boolean live() {
    LaneService reading = lanes();
    return sessions.live() && (reading == null || reading.live());
  }

  /** The readers first, so that what they have taken is still looked after. */
  @Override
  public void close() {
    boolean reading;
    lock.lock();
    try {
      closing = true;
      reading = begun;
    } finally {
      lock.unlock();
    }
    if (reading) {
      clicks.close();
      reports.close();
      LaneService events = lanes();
      if (events != null) {
        events.close();
      }
    }
    sessions.close();
    alerts.close();
    serializer.close();
    if (transitions != null) {
      transitions.close();
    }
    api.close();
  }
}
