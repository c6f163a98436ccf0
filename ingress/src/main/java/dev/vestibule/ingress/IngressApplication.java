package dev.vestibule.ingress;

import dev.vestibule.config.ConfigException;
import dev.vestibule.config.IngressConfig;
import dev.vestibule.config.Secret;
import dev.vestibule.config.SourceConfig;
import dev.vestibule.config.SpoolConfig;
import dev.vestibule.config.TlsConfig;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.contract.Topics;
import dev.vestibule.contract.Vendor;
import dev.vestibule.events.Decision;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.ingress.decision.Answers;
import dev.vestibule.ingress.decision.Screening;
import dev.vestibule.ingress.decision.Snapshots;
import dev.vestibule.ingress.decision.envoy.PurposeRegistration;
import dev.vestibule.ingress.decision.external.ExternalService;
import dev.vestibule.ingress.decision.feed.WatchlistFeed;
import dev.vestibule.ingress.decision.snapshot.KafkaSnapshots;
import dev.vestibule.ingress.decision.watchlist.Normal;
import dev.vestibule.ingress.publish.KafkaPublisher;
import dev.vestibule.ingress.publish.ObedientPublisher;
import dev.vestibule.ingress.publish.Publisher;
import dev.vestibule.ingress.publish.RawRecords;
import dev.vestibule.ingress.publish.RequestIds;
import dev.vestibule.ingress.reload.Reloading;
import dev.vestibule.ingress.reload.Watch;
import dev.vestibule.ingress.spool.SpoolStatus;
import dev.vestibule.ingress.spool.SpoolingPublisher;
import dev.vestibule.ingress.tls.PemFiles;
import dev.vestibule.ingress.tls.ServerCertificates;
import dev.vestibule.ingress.webhook.SlackSinks;
import dev.vestibule.ingress.webhook.Sources;
import dev.vestibule.ingress.webhook.WebhookServer;
import dev.vestibule.ingress.webhook.Webhooks;
import dev.vestibule.serde.AvroDeserializer;
import dev.vestibule.serde.AvroSerializer;
import dev.vestibule.service.Service;
import dev.vestibule.service.ServiceContext;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/** The ingress as a service: an HTTP port in front of one Kafka producer. */
public final class IngressApplication implements Service {
  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

  /** How long a start waits for Kafka before it goes without. */
  private static final Duration KAFKA_WITHIN = Duration.ofSeconds(30);

  /** Of 15 minutes; some 50 MB. */
  private static final int MAX_ANSWERS = 100_000;

  private final Publisher kafka;
  private final SpoolingPublisher publisher;
  private final Snapshots snapshots;
  private final Screening screening;
  private final PurposeRegistration registration;
  private final @Nullable WatchlistFeed feed;
  private final WebhookServer server;
  private final Watch watch;
  private final boolean servesAnySource;
  private final boolean asked;
  private final boolean screens;
  private final InstantSource clock;
  private final Instant alone;

  private IngressApplication(
      Publisher kafka,
      SpoolingPublisher publisher,
      Snapshots snapshots,
      Screening screening,
      PurposeRegistration registration,
      @Nullable WatchlistFeed feed,
      WebhookServer server,
      Watch watch,
      boolean servesAnySource,
      boolean asked,
      boolean screens,
      InstantSource clock) {
    this.kafka = kafka;
    this.publisher = publisher;
    this.snapshots = snapshots;
    this.screening = screening;
    this.registration = registration;
    this.feed = feed;
    this.server = server;
    this.watch = watch;
    this.servesAnySource = servesAnySource;
    this.asked = asked;
    this.screens = screens;
    this.clock = clock;
    this.alone = clock.instant().plus(KAFKA_WITHIN);
  }

  /**
   * Starts, without waiting for Kafka: until it answers, requests are spooled or get 503.
   *
   * @throws dev.vestibule.config.ConfigException when a source or setting is broken
   */
  public static IngressApplication start(ServiceContext context) {
    VestibuleConfig config = context.config();
    Set<String> topics =
        config.sources().values().stream()
            .map(source -> config.topicNames().of(source.vendor().rawTopic()))
            .collect(Collectors.toUnmodifiableSet());
    Sources sources = Sources.of(config.sources().values());
    boolean asked = mayBeAsked(config);
    Answers answers = new Answers(MAX_ANSWERS);
    Snapshots snapshots = asked ? snapshots(context, answers) : Snapshots.NONE;
    try {
      Publisher kafka =
          ObedientPublisher.start(
              config.kafka(),
              config.topicNames(),
              topics,
              otherTopics(config, asked),
              context.clock());
      return start(context, sources, kafka, snapshots, answers);
    } catch (RuntimeException e) {
      snapshots.close();
      throw e;
    }
  }

  private static Set<String> otherTopics(VestibuleConfig config, boolean asked) {
    Stream<String> clicks =
        SlackSinks.secretsOf(config.sinks().values()).keySet().stream()
            .map(sink -> Topics.interactions(sink).name());
    return Stream.concat(clicks, asked ? Stream.of(Topics.DECISIONS) : Stream.empty())
        .map(config.topicNames()::of)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Envoy's sources have the route, whether somebody has set up its hook or not. */
  private static boolean mayBeAsked(VestibuleConfig config) {
    return config.sources().values().stream().anyMatch(source -> source.vendor() == Vendor.ENVOY);
  }

  private static @Nullable WatchlistFeed feed(ServiceContext context) {
    VestibuleConfig config = context.config();
    return config.watchlist().feed().isEmpty()
        ? null
        : WatchlistFeed.start(
            config,
            new AvroDeserializer<>(VisitorEvent.class, context.registry()),
            normal(config),
            context.clock(),
            context.meters());
  }

  private static Normal normal(VestibuleConfig config) {
    try {
      return new Normal(config.watchlist().country());
    } catch (IllegalArgumentException e) {
      throw new ConfigException("watchlist.country", String.valueOf(e.getMessage()));
    }
  }

  private static boolean screens(VestibuleConfig config) {
    return config.sources().values().stream().anyMatch(source -> source.screen() != null);
  }

  private static Snapshots snapshots(ServiceContext context, Answers answers) {
    VestibuleConfig config = context.config();
    try {
      return KafkaSnapshots.start(
          config.kafka(),
          config.topicNames(),
          normal(config),
          answers,
          new AvroDeserializer<>(Decision.class, context.registry()),
          context.clock(),
          context.meters());
    } catch (KafkaException e) {
      throw KafkaPublisher.refused(e);
    }
  }

  /** For tests that have no broker: the same service in front of another publisher. */
  static IngressApplication start(ServiceContext context, Publisher publisher) {
    return start(context, publisher, Snapshots.NONE);
  }

  /** The same with what decisions rest on. */
  static IngressApplication start(
      ServiceContext context, Publisher publisher, Snapshots snapshots) {
    return start(
        context,
        Sources.of(context.config().sources().values()),
        publisher,
        snapshots,
        new Answers(MAX_ANSWERS));
  }

  private static IngressApplication start(
      ServiceContext context,
      Sources sources,
      Publisher kafka,
      Snapshots snapshots,
      Answers answers) {
    SpoolingPublisher publisher;
    try {
      publisher = spooling(context, sources, kafka);
    } catch (RuntimeException e) {
      kafka.close();
      throw e;
    }
    IngressConfig ingress = context.config().ingress();
    Random random = new SecureRandom();
    Screening screening =
        new Screening(
            snapshots,
            answers,
            publisher,
            AvroSerializer.from(
                context.config().kafka(), context.config().registry(), context.registry()),
            context.config().topicNames().of(Topics.DECISIONS),
            context.identity(),
            context.meters(),
            context.clock(),
            ExternalService.of(
                context.config().sources().values(), context.meters(), context.clock()));
    PurposeRegistration registration = new PurposeRegistration(context.clock(), random);
    SlackSinks slackSinks = SlackSinks.of(SlackSinks.secretsOf(context.config().sinks().values()));
    Webhooks webhooks =
        new Webhooks(
            sources,
            slackSinks,
            new RawRecords(
                context.config().topicNames(), context.identity(), new RequestIds(random)),
            publisher,
            screening,
            registration,
            context.identity(),
            context.meters(),
            context.clock(),
            random,
            ingress.maxPendingBytes());
    @Nullable WatchlistFeed feed = null;
    try {
      List<Reloading<?>> subjects = new ArrayList<>(List.of(secrets(context, sources, slackSinks)));
      @Nullable ServerCertificates certificates = null;
      TlsConfig tls = ingress.tls();
      if (tls != null) {
        PemFiles files = PemFiles.read(tls);
        certificates = new ServerCertificates(files);
        subjects.add(
            new Reloading<>(
                "certificate",
                files,
                () -> PemFiles.read(tls),
                certificates::use,
                context.meters()));
      }
      feed = feed(context);
      WebhookServer server =
          WebhookServer.start(
              ingress.host(),
              ingress.port(),
              ingress.connections(),
              webhooks,
              sources,
              certificates);
      Watch watch = new Watch(subjects, LOOK_EVERY);
      return new IngressApplication(
          kafka,
          publisher,
          snapshots,
          screening,
          registration,
          feed,
          server,
          watch,
          !sources.isEmpty(),
          mayBeAsked(context.config()),
          screens(context.config()),
          context.clock());
    } catch (RuntimeException e) {
      if (feed != null) {
        feed.close();
      }
      screening.close();
      publisher.close();
      throw e;
    }
  }

  private static SpoolingPublisher spooling(
      ServiceContext context, Sources sources, Publisher kafka) {
    SpoolConfig spool = context.config().spool();
    return SpoolingPublisher.start(
        kafka,
        sources.spooled(),
        spool,
        context.dataDir().resolve(spool.folder()),
        context.meters(),
        context.clock());
  }

  /** Secrets change in the configuration and in the files that it names. */
  private static Reloading<?> secrets(
      ServiceContext context, Sources sources, SlackSinks slackSinks) {
    return new Reloading<>(
        "secrets",
        Senders.of(context.config()),
        () -> Senders.of(context.reload().get()),
        senders -> {
          // May refuse, and then nothing has changed.
          sources.takeSecretsOf(senders.sources());
          slackSinks.takeSecretsOf(senders.clicks());
        },
        context.meters());
  }

  /** Who may send, and what is looked at for changes. */
  private record Senders(Map<String, SourceConfig> sources, Map<String, List<Secret>> clicks) {
    static Senders of(VestibuleConfig config) {
      return new Senders(config.sources(), SlackSinks.secretsOf(config.sinks().values()));
    }
  }

  @Override
  public String name() {
    return "ingress";
  }

  /** The port that is open, also where any free one was asked for. */
  public int port() {
    return server.port();
  }

  /** What was accepted and is not in Kafka yet. */
  public List<SpoolStatus> spools() {
    return publisher.spools();
  }

  /**
   * At least one source can be served: by Kafka, or by its spool. Where a source is configured to
   * screen, not before all is known that decisions rest on; only where Kafka stays away for long,
   * what can be spooled is taken without it, and every call that screens is a review.
   */
  @Override
  public boolean ready() {
    return servesAnySource
        && publisher.reachable()
        && (!screens
            || snapshots.caughtUp()
            || (!kafka.reachable() && clock.instant().isAfter(alone)));
  }

  /**
   * Every source can be served: Kafka has been heard of lately, and takes records; and whoever may
   * be asked about a visitor knows what decisions rest on.
   */
  public boolean connected() {
    return servesAnySource && kafka.reachable() && (!asked || snapshots.caughtUp());
  }

  @Override
  public boolean paused() {
    return publisher.paused();
  }

  /**
   * Stops accepting, lets requests under way finish for a few seconds, writes down what was
   * decided, then closes the spools and the producer.
   */
  @Override
  public void close() {
    watch.close();
    server.close();
    registration.close();
    if (feed != null) {
      feed.close();
    }
    screening.close();
    snapshots.close();
    publisher.close();
  }
}
