package dev.vestibule.sink.slack;

import dev.vestibule.config.ConfigException;
import dev.vestibule.config.SinkConfig;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Topics;
import dev.vestibule.events.Alert;
import dev.vestibule.events.Decision;
import dev.vestibule.events.DecisionOutcome;
import dev.vestibule.events.DecisionPhase;
import dev.vestibule.serde.AvroDeserializer;
import dev.vestibule.serde.AvroSerializer;
import dev.vestibule.service.Service;
import dev.vestibule.service.ServiceContext;
import dev.vestibule.sink.EventsSubscription;
import dev.vestibule.sink.Follower;
import dev.vestibule.sink.Sessions;
import dev.vestibule.sink.SinkAlerts;
import dev.vestibule.sink.StateLog;
import dev.vestibule.sink.Value;
import dev.vestibule.sink.lane.LaneService;
import dev.vestibule.sink.lane.LaneSettings;
import dev.vestibule.sink.slack.click.Question;
import dev.vestibule.sink.slack.message.MessageState;
import dev.vestibule.sink.slack.route.Routes;
import dev.vestibule.sink.slack.vendor.Transitions;
import dev.vestibule.sink.slack.web.SlackApi;
import dev.vestibule.sink.slack.web.SlackClient;
import io.micrometer.core.instrument.Gauge;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
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

  private static final Duration VENDOR_PATIENCE = Duration.ofSeconds(10);

  private final ServiceContext context;
  private final SinkConfig sink;
  private final SlackSettings settings;
  private final EventsSubscription subscription;
  private final SlackApi api;
  private final @Nullable Transitions transitions;
  private final SinkAlerts alerts;
  private final SlackHealth health;
  private final TopicNames names;
  private final AvroDeserializer<Decision> decisions;
  private final AvroDeserializer<Alert> alertReader;
  private final Serializer<SpecificRecord> serializer;
  private final ReentrantLock lock = new ReentrantLock();
  private final Sessions<Desk> sessions;
  private final Follower reports;
  private final Follower clicks;
  private final @Nullable SinkConfig granted;
  private @Nullable LaneService lanes;
  private boolean begun;
  private boolean closing;

  private SlackSink(ServiceContext context, SinkConfig sink, SlackSettings settings, SlackApi api) {
    this.context = context;
    this.sink = sink;
    this.settings = settings;
    this.api = api;
    this.names = context.config().topicNames();
    this.subscription = EventsSubscription.of(context.config(), sink);
    this.granted = granted(sink, settings.routes());
    this.alerts = new SinkAlerts(context, sink.name());
    this.health = new SlackHealth(alerts, context.clock());
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
            Clicks.COUNT_FOR,
            context.clock(),
            new Clicks(sink.name(), settings, api, sessions, context)::take);
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
            new DeskLog(log, context, sink.name(), serializer),
            new DeskHands(
                sink.name(), settings.routes(), api, transitions, health, alerts, context),
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
          lanes =
              LaneService.start(
                  context,
                  granted,
                  new EventHandler(settings.routes(), context.identity(), api, health, sessions),
                  LaneSettings.DEFAULTS);
        }
      }
    } finally {
      lock.unlock();
    }
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
