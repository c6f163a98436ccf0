package dev.vestibule.sink.access;

import dev.vestibule.config.ConfigException;
import dev.vestibule.config.SinkConfig;
import dev.vestibule.config.SourceConfig;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.Topics;
import dev.vestibule.events.AlertSeverity;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.serde.AvroDeserializer;
import dev.vestibule.service.Service;
import dev.vestibule.service.ServiceContext;
import dev.vestibule.sink.Decoded;
import dev.vestibule.sink.EventDecoder;
import dev.vestibule.sink.EventsSubscription;
import dev.vestibule.sink.Follower;
import dev.vestibule.sink.Sessions;
import dev.vestibule.sink.SinkAlerts;
import dev.vestibule.sink.access.target.AccessTarget;
import dev.vestibule.sink.lane.LaneService;
import dev.vestibule.sink.lane.LaneSettings;
import io.micrometer.core.instrument.Gauge;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One sink that opens doors, as a service. Events come through lanes; decisions at the door,
 * answers of people and lockdowns have readers of their own, so that none of them waits behind an
 * event whose destination does not answer.
 *
 * <p>Guarantee: what is wanted of a visit is durable before anybody acts on it. Whatever happens to
 * this process, the next one brings the target to what is wanted then.
 */
final class AccessSink implements Service {
  static final String TYPE = "access-control";

  private static final Logger LOG = LoggerFactory.getLogger(AccessSink.class);

  /** The longest window, and a day. */
  private static final Duration DECISIONS_COUNT_FOR = Duration.ofDays(32);

  /** Events may come again as long as their topics hold them; so long revokes are remembered. */
  private static final Duration BEYOND_RETENTION = Duration.ofDays(2);

  private final ServiceContext context;
  private final SinkConfig sink;
  private final AccessSettings settings;
  private final EventsSubscription subscription;
  private final AccessMachine machine;
  private final GrantKeys keys;
  private final SinkAlerts alerts;
  private final EventDecoder events;
  private final Answered.Reader answerReader;
  private final Set<String> sources;
  private final ReentrantLock lock = new ReentrantLock();
  private final Sessions<Doors> sessions;
  private final Follower answers;
  private final Follower lockdowns;
  private @Nullable LaneService lanes;
  private boolean closing;

  private AccessSink(ServiceContext context, SinkConfig sink, AccessSettings settings) {
    VestibuleConfig config = context.config();
    this.context = context;
    this.sink = sink;
    this.settings = settings;
    this.subscription = EventsSubscription.of(config, sink);
    this.machine =
        new AccessMachine(
            settings.rules(),
            sink.name(),
            config.sources().values().stream()
                .filter(source -> source.screen() != null)
                .map(SourceConfig::name)
                .collect(Collectors.toUnmodifiableSet()),
            readsBack(),
            context.credentialKey() != null);
    this.keys = new GrantKeys(context.identity(), sink.name());
    this.alerts = new SinkAlerts(context, sink.name());
    this.events = new EventDecoder(new AvroDeserializer<>(VisitorEvent.class, context.registry()));
    this.answerReader = new Answered.Reader(context);
    this.sources = settings.rules().sources(sink.name());
    this.sessions = new Sessions<>(sink.name(), this::open, this::begin);
    this.answers =
        new Follower(
            "access-answers-" + sink.name(),
            subscription.beside("answers")::open,
            answerReader.topics(),
            DECISIONS_COUNT_FOR,
            context.clock(),
            this::answered);
    this.lockdowns =
        new Follower(
            "access-lockdowns-" + sink.name(),
            subscription.beside("lockdowns")::open,
            subscription.topics(),
            settings.rules().maxAge().plus(Duration.ofHours(1)),
            context.clock(),
            this::mayLockDown);
    Gauge.builder("vestibule.access.waiting", this, AccessSink::waiting)
        .description("Visits that are not as wanted at the target yet")
        .tag("sink", sink.name())
        .register(context.meters());
    Gauge.builder("vestibule.access.locked", this, one -> one.locked() ? 1 : 0)
        .description("1 while a lockdown is on")
        .tag("sink", sink.name())
        .register(context.meters());
  }

  /**
   * Begins to open and to close doors.
   *
   * @throws ConfigException when the configuration, the rules or a file of the target cannot be
   *     used; nothing was called
   */
  static AccessSink start(ServiceContext context, SinkConfig sink) {
    AccessSink service =
        new AccessSink(context, sink, AccessSettings.of(context.config(), sink, context.clock()));
    service.sessions.start();
    return service;
  }

  // ---- Sessions

  private Doors open() {
    StateTopic states =
        new StateTopic(
            context.config(), sink, new StateFormat(context.identity()), context.clock());
    Doors doors =
        new Doors(
            sink.name(),
            machine,
            settings,
            keys,
            states,
            alerts,
            context.clock(),
            context.credentialKey());
    try {
      doors.start(kept());
    } catch (RuntimeException e) {
      doors.close();
      throw e;
    }
    LOG.atInfo()
        .addKeyValue("sink", sink.name())
        .addKeyValue("visits", doors.keeper().visits().size())
        .log("doors are looked after");
    return doors;
  }

  /** Events and answers are read as soon as there are states to put them in. */
  private void begin() {
    lock.lock();
    try {
      if (lanes == null && !closing) {
        lockdowns.start();
        answers.start();
        lanes =
            LaneService.start(
                context, sink, new DoorHandler(keys, sessions::current), LaneSettings.DEFAULTS);
      }
    } finally {
      lock.unlock();
    }
  }

  private Duration kept() {
    Map<String, Duration> retention = context.config().topics().retention();
    return sink.sensitivities().stream()
        .map(Topics::events)
        .map(topic -> retention.getOrDefault(topic, Topics.EVENTS_RETENTION))
        .max(Duration::compareTo)
        .orElse(Topics.EVENTS_RETENTION)
        .plus(BEYOND_RETENTION);
  }

  private int waiting() {
    Doors doors = sessions.now();
    return doors == null ? 0 : doors.waiting();
  }

  private boolean locked() {
    Doors doors = sessions.now();
    return doors != null && doors.keeper().lockdowns().on();
  }

  // ---- Lockdowns

  private void mayLockDown(ConsumerRecord<byte[], byte[]> record) throws InterruptedException {
    String type = Headers.text(record.headers(), Headers.CE_TYPE);
    if (type != null && !type.contains("lockdown")) {
      return;
    }
    if (events.decode(record) instanceof Decoded.Event event && DoorHandler.isLockdown(event)) {
      var _ = DoorHandler.lockedDown(sessions.current(), event);
    }
  }

  // ---- Answers

  private void answered(ConsumerRecord<byte[], byte[]> record) throws InterruptedException {
    Answered answered = answerReader.read(record);
    if (answered != null && sources.contains(answered.source())) {
      Doors doors = sessions.current();
      var _ = doors.keeper().take(answered.visit(), answered.fact());
      doors.wake(answered.visit());
    }
  }

  // ---- Questions

  /** Its configured name. */
  String sink() {
    return sink.name();
  }

  /** The doors, or null while their states are not read. */
  @Nullable Doors doors() {
    return sessions.now();
  }

  boolean readsBack() {
    return settings.target().capabilities().contains(AccessTarget.Capability.READS_BACK);
  }

  List<String> topics() {
    return subscription.topics();
  }

  /** A consumer of no group, for questions. */
  Consumer<byte[], byte[]> openReader(Map<String, Object> more) {
    return subscription.openReader("explain", more);
  }

  AccessMachine machine() {
    return machine;
  }

  GrantKeys keys() {
    return keys;
  }

  /** A person ends a lockdown. */
  boolean release(Doors doors, String source, String site, String by) {
    boolean known = doors.keeper().release(source, site);
    if (known) {
      alerts.raise(
          "access-lockdown-released",
          AlertSeverity.INFO,
          source + "/" + site + "@" + context.clock().instant(),
          new SinkAlerts.Subject(null, source, site, null),
          Map.of("source", source, "site", site, "by", by));
      doors.wakeLockdowns();
    }
    return known;
  }

  // ---- Service

  @Override
  public String name() {
    return "sink-" + TYPE;
  }

  @Override
  public boolean ready() {
    LaneService reading = lanes();
    return sessions.now() != null
        && reading != null
        && reading.ready()
        && answers.ready()
        && lockdowns.ready();
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
  public boolean live() {
    LaneService reading = lanes();
    return sessions.live() && (reading == null || reading.live());
  }

  /** The readers first, so that what they have taken is still looked after. */
  @Override
  public void close() {
    LaneService reading;
    lock.lock();
    try {
      closing = true;
      reading = lanes;
    } finally {
      lock.unlock();
    }
    if (reading != null) {
      lockdowns.close();
      answers.close();
      reading.close();
    }
    sessions.close();
    alerts.close();
    settings.target().close();
  }
}
