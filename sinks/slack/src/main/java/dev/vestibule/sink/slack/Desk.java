package dev.vestibule.sink.slack;

import dev.vestibule.contract.IdentityKey;
import dev.vestibule.contract.VisitVersion;
import dev.vestibule.events.Alert;
import dev.vestibule.events.EventType;
import dev.vestibule.events.Sensitivity;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.sink.Decoded;
import dev.vestibule.sink.Sessions;
import dev.vestibule.sink.slack.card.AlertView;
import dev.vestibule.sink.slack.card.Asked;
import dev.vestibule.sink.slack.card.Phase;
import dev.vestibule.sink.slack.card.SlackIds;
import dev.vestibule.sink.slack.card.VisitView;
import dev.vestibule.sink.slack.click.Answer;
import dev.vestibule.sink.slack.click.Question;
import dev.vestibule.sink.slack.click.Question.Given;
import dev.vestibule.sink.slack.click.Question.Ours;
import dev.vestibule.sink.slack.click.Question.Over;
import dev.vestibule.sink.slack.click.Question.Reason;
import dev.vestibule.sink.slack.click.Question.Ruling;
import dev.vestibule.sink.slack.click.Question.VendorTold;
import dev.vestibule.sink.slack.message.MessageMachine;
import dev.vestibule.sink.slack.message.MessageState;
import dev.vestibule.sink.slack.message.MessageState.Origin;
import dev.vestibule.sink.slack.message.Move;
import dev.vestibule.sink.slack.message.Reply;
import dev.vestibule.sink.slack.message.Workspace;
import dev.vestibule.sink.slack.message.Workspace.Next;
import dev.vestibule.sink.slack.route.Destination;
import dev.vestibule.sink.slack.route.Reviewers;
import dev.vestibule.sink.slack.route.Routes;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The messages and questions of one sink, from one reading of their states to the next trouble.
 * Safe for several threads.
 *
 * <p>What belongs together is written together: the first answer to a question, its {@code Review}
 * and what the messages say of it are durable at once or not at all. No call is made before the
 * state that says so is durable.
 */
final class Desk implements Sessions.Session {
  private static final Logger LOG = LoggerFactory.getLogger(Desk.class);

  static final String MESSAGE = "message/";
  static final String QUESTION = "question/";

  /** So many messages may wait to be written; then no event is taken until there is room. */
  static final int MOST_WAITING = 20_000;

  /** What was reported earlier begins no message. */
  static final Duration KEPT = Duration.ofDays(3);

  /** So long a message about a visitor can be found to be changed, or to be erased. */
  private static final Duration KEPT_NAMED = Duration.ofDays(90);

  private static final Duration FORGET_EVERY = Duration.ofMinutes(10);

  /** A call that its state has held up for so long is not made. */
  private static final Duration FRESH = Duration.ofSeconds(4);

  private static final Duration VENDOR_AGAIN = Duration.ofSeconds(30);
  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
  private static final int PARALLEL = 16;
  private static final int MOST_NAMES = 10_000;
  private static final int TOKEN_BYTES = 24;

  private final String sink;
  private final Routes routes;
  private final IdentityKey identity;
  private final StateFormat format;
  private final Log log;
  private final Hands hands;
  private final InstantSource clock;
  private final Random tokens;
  private final int mostWaiting;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Condition room = lock.newCondition();
  private final List<ProducerRecord<byte[], byte[]>> unwritten = new ArrayList<>();
  private final Workspace workspace;
  private final Map<String, Question> questions = new HashMap<>();
  private final Map<String, String> matters = new HashMap<>();
  private final Map<String, Instant> vendorAgainAt = new HashMap<>();

  /** By visit and then by message. */
  private final Map<String, Map<String, VisitView>> names =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Map<String, VisitView>> eldest) {
          return size() > MOST_NAMES;
        }
      };

  private final Thread courier;
  private CompletableFuture<@Nullable Void> written = CompletableFuture.completedFuture(null);
  private int underWay;
  private boolean closed;
  private volatile @Nullable KafkaException broken;
  private Instant forgetAt;
  private Instant lookAt;

  /** Where states and reviews are written. */
  interface Log extends AutoCloseable {
    /** The record of a state; null forgets it. */
    ProducerRecord<byte[], byte[]> record(String key, byte @Nullable [] value);

    /** The record of an answer, for everybody. */
    ProducerRecord<byte[], byte[]> review(Question question, Given given);

    /** Written together or not at all. */
    CompletableFuture<@Nullable Void> write(List<ProducerRecord<byte[], byte[]>> records);

    /** Why nothing can be written any more, or null while it can. */
    @Nullable KafkaException failure();

    @Override
    void close();
  }

  /** What is done outside. */
  interface Hands {
    /** Carries a move out. */
    Reply carryOut(Move move, String to);

    /**
     * Tells the vendor what was answered.
     *
     * @return {@code DUE} where it certainly does not know and is to be told again
     */
    VendorTold tellVendor(Question question, Given given) throws InterruptedException;

    /** Tells people that nobody knows whether the vendor knows an answer. */
    void vendorInDoubt(Question question);
  }

  /**
   * Where a message goes.
   *
   * @param to Slack's id of a channel or of a person
   */
  record Place(String to, boolean begins, boolean thread, Set<Sensitivity> sensitivities) {}

  /**
   * @param messages as they were stored
   * @param asked questions as they were stored
   * @param tokens not to be guessed
   * @param mostWaiting usually {@link #MOST_WAITING}
   */
  Desk(
      String sink,
      Routes routes,
      IdentityKey identity,
      Collection<MessageState> messages,
      Collection<Question> asked,
      Log log,
      Hands hands,
      InstantSource clock,
      Random tokens,
      int mostWaiting) {
    this.sink = sink;
    this.routes = routes;
    this.identity = identity;
    this.format = new StateFormat(identity);
    this.log = log;
    this.hands = hands;
    this.clock = clock;
    this.tokens = tokens;
    this.mostWaiting = mostWaiting;
    Instant now = clock.instant();
    this.forgetAt = now.plus(FORGET_EVERY);
    this.lookAt = now;
    this.workspace =
        new Workspace(
            routes.digestAfter(),
            new Random(),
            state -> unwritten.add(log.record(MESSAGE + state.key(), format.write(state))));
    workspace.load(messages, now);
    findMatters(messages);
    asked.forEach(question -> questions.put(question.visit(), question));
    this.courier = Thread.ofPlatform().name("slack-courier-" + sink).unstarted(this::deliver);
  }

  /** Begins to make calls. */
  void start() {
    change(
            now -> {
              for (Question question : List.copyOf(questions.values())) {
                if (question.vendor() == VendorTold.UNDER_WAY) {
                  // The call may have arrived before the last process ended.
                  hands.vendorInDoubt(question);
                  keep(question.telling(VendorTold.FAILED));
                }
                showQuestion(question.visit(), now);
              }
            })
        .join();
    courier.start();
  }

  private interface Change {
    void make(Instant now);
  }

  /** Completed when what changed is durable; with an exception when nobody knows. */
  private CompletableFuture<@Nullable Void> change(Change change) {
    lock.lock();
    try {
      change.make(clock.instant());
      return write();
    } finally {
      lock.unlock();
    }
  }

  private CompletableFuture<@Nullable Void> write() {
    changed.signalAll();
    if (!unwritten.isEmpty()) {
      List<ProducerRecord<byte[], byte[]>> records = List.copyOf(unwritten);
      unwritten.clear();
      written = log.write(records);
    }
    // Whoever changed nothing saw what others are still writing.
    return written;
  }

  private static void await(CompletableFuture<@Nullable Void> written) {
    try {
      written.join();
    } catch (CompletionException e) {
      throw new KafkaException("what Slack is to show was not written", e.getCause());
    }
  }

  // ---- Facts

  /**
   * Takes an event; durable on return. Taking it twice changes nothing more.
   *
   * @param visit its visit's key
   * @param places where it may begin messages
   * @param host Slack's id of the visitor's host, or null
   * @return whether anything changed
   * @throws KafkaException when nobody knows whether it is durable
   */
  boolean take(Decoded.Event fact, String visit, List<Place> places, @Nullable String host)
      throws InterruptedException {
    boolean[] any = new boolean[1];
    CompletableFuture<@Nullable Void> written;
    lock.lockInterruptibly();
    try {
      while (workspace.waiting() > mostWaiting && !closed) {
        room.await();
      }
      written =
          change(now -> {
            boolean listed = isListed(visit);
            take(fact, visit, places, now);
            if (!listed && isListed(visit)) {
              renew(visit);
            }
            ask(fact, visit, host, now);
            showQuestion(visit, now);
            any[0] = !unwritten.isEmpty();
          });
    } finally {
      lock.unlock();
    }
    await(written);
    return any[0];
  }

  private void take(Decoded.Event fact, String visit, List<Place> places, Instant now) {
    VisitorEvent event = fact.event();
    boolean recent = event.getReceivedAt().isAfter(now.minus(KEPT));
    if (event.getType() == EventType.ERASED) {
      names.remove(visit);
    }
    for (Place place : places) {
      String key = key(visit, place.to());
      MessageState before = workspace.state(key);
      if (before == null
          && event.getType() == EventType.SCREENING_REQUESTED
          && recent
          && !"replay".equals(fact.path())) {
        names
            .computeIfAbsent(visit, _ -> new HashMap<>())
            .put(key, VisitView.review(event.getOccurredAt()).filledBy(event));
      }
      Origin origin =
          before == null
              ? new Origin(key, place.to(), visit, place.thread(), place.sensitivities())
              : before.origin();
      put(MessageMachine.take(before, fact, origin, place.begins() && recent, now), now);
    }
    for (MessageState other : workspace.about(visit)) {
      boolean placed = places.stream().anyMatch(place -> place.to().equals(other.origin().to()));
      boolean told =
          event.getType() == EventType.ERASED
              || other.origin().sensitivities().contains(event.getSensitivity());
      if (!placed && told) {
        put(MessageMachine.take(other, fact, other.origin(), false, now), now);
      }
    }
    Question before = questions.get(visit);
    if (before != null) {
      Question settled =
          before.isOpen() && isSettled(visit, event) ? before.over(Over.SETTLED) : before;
      Question after = event.getType() == EventType.ERASED ? settled.erased() : settled;
      if (!after.equals(before)) {
        keep(after);
      }
    }
  }

  private boolean isSettled(String visit, VisitorEvent event) {
    return event.getType() == EventType.ERASED
        || workspace.about(visit).stream()
            .anyMatch(message ->
                message.view() instanceof VisitView view && view.asked() instanceof Asked.Settled);
  }

  private boolean isListed(String visit) {
    return workspace.about(visit).stream()
        .anyMatch(message -> message.view() instanceof VisitView view && view.listed());
  }

  /** Who clicks a button that was there before a hit has not seen the hit. */
  private void renew(String visit) {
    Question question = questions.get(visit);
    if (question != null && question.isOpen()) {
      keep(question.renewed(token()));
    }
  }

  private void put(@Nullable MessageState state, Instant now) {
    if (state != null) {
      workspace.put(state, now);
    }
  }

  private String key(String visit, String to) {
    return identity.hash("slack-message", sink, visit, to);
  }

  // ---- Questions

  /** A review that an event asks for. */
  private void ask(Decoded.Event fact, String visit, @Nullable String host, Instant now) {
    VisitorEvent event = fact.event();
    boolean waits =
        event.getType() == EventType.REVIEW_REQUIRED
            && workspace.about(visit).stream()
                .anyMatch(message ->
                    message.phase() == Phase.REVIEW
                        && VisitVersion.of(event).equals(message.moved()));
    Question before = questions.get(visit);
    boolean asked =
        before != null && (before.isOpen() || event.getEventId().equals(before.eventId()));
    Optional<Reviewers> reviewers = routes.reviewers(event.getSource(), event.getSite().getId());
    if (!waits || asked || reviewers.isEmpty()) {
      return;
    }
    Instant until = now.plus(reviewers.get().within());
    if (event.getReceivedAt().plus(reviewers.get().within()).isAfter(now)) {
      keep(
          new Question(
              visit,
              before == null ? 1 : before.round() + 1,
              token(),
              event.getSource(),
              event.getVisit().getId(),
              event.getSite().getId(),
              event.getEventId(),
              null,
              host,
              until,
              null,
              null,
              VendorTold.NOT));
    }
  }

  /**
   * A visitor was sent to a review at the door; durable on return.
   *
   * @param visit its visit's key
   * @param decisionId of the decision
   * @param at when it was made
   */
  void review(String source, String visit, String decisionId, Instant at) {
    await(
        change(now -> {
          for (Routes.Posting posting : routes.reviews(source)) {
            review(visit, decisionId, posting, at, now);
          }
          names.remove(visit);
          ask(source, visit, decisionId, at, now);
          showQuestion(visit, now);
        }));
  }

  private void review(
      String visit, String decisionId, Routes.Posting posting, Instant at, Instant now) {
    String to = to(posting);
    String key = key(visit, to);
    MessageState before = workspace.state(key);
    Origin origin =
        before == null
            ? new Origin(key, to, visit, posting.thread(), posting.sensitivities())
            : before.origin();
    VisitView known =
        names.getOrDefault(visit, Map.of()).getOrDefault(key, VisitView.review(at)).inReview(at);
    VisitVersion version = VisitVersion.review(at, decisionId);
    put(MessageMachine.review(before, origin, known, version, now), now);
  }

  private static String to(Routes.Posting posting) {
    return switch (posting.to()) {
      case Destination.Channel(String id) -> id;
      case Destination.Direct _ ->
          throw new IllegalArgumentException("a review is told in channels");
    };
  }

  private void ask(String source, String visit, String decisionId, Instant at, Instant now) {
    Optional<Reviewers> reviewers = routes.reviewers(source, null);
    Question before = questions.get(visit);
    boolean again = before != null && !before.isOpen() && at.isAfter(closed(before));
    // Events are read beside decisions, and may have come further.
    boolean waits =
        workspace.about(visit).stream()
            .map(MessageState::phase)
            .anyMatch(phase -> phase != null && !phase.endsReview());
    if (!waits || reviewers.isEmpty() || (before != null && !again)) {
      return;
    }
    Instant until = at.plus(reviewers.get().within());
    if (until.isAfter(now)) {
      keep(
          new Question(
              visit,
              before == null ? 1 : before.round() + 1,
              token(),
              source,
              null,
              null,
              null,
              decisionId,
              null,
              until,
              null,
              null,
              VendorTold.NOT));
    }
  }

  /** When a question that is not open any more was over. */
  private static Instant closed(Question question) {
    Given given = question.given();
    return given == null ? question.until() : given.at();
  }

  private String token() {
    byte[] bytes = new byte[TOKEN_BYTES];
    tokens.nextBytes(bytes);
    return "v1." + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private void keep(Question question) {
    questions.put(question.visit(), question);
    unwritten.add(log.record(QUESTION + question.visit(), format.write(question)));
  }

  /** Brings what messages say of a question to where it stands. */
  private void showQuestion(String visit, Instant now) {
    Question question = questions.get(visit);
    if (question == null) {
      return;
    }
    Asked asked = asked(question);
    for (MessageState message : workspace.about(visit)) {
      // Buttons stand where several can see who has answered.
      if (SlackIds.isChannel(message.origin().to())) {
        put(MessageMachine.ask(message, asked), now);
      }
    }
  }

  private @Nullable Asked asked(Question question) {
    Given given = question.given();
    if (given != null) {
      return new Asked.Answered(given.approved(), given.by(), given.at());
    }
    if (question.over() != null) {
      return question.over() == Over.EXPIRED
          ? new Asked.Expired(question.until())
          : new Asked.Settled();
    }
    Optional<Reviewers> reviewers = routes.reviewers(question.source(), question.site());
    // The rules may have changed since: then nobody can answer.
    return reviewers
        .map(who ->
            new Asked.Pending(
                question.round(),
                question.token(),
                who.approves() && (!who.fourEyes() || question.host() != null),
                entry(question),
                question.until()))
        .orElse(null);
  }

  private @Nullable URI entry(Question question) {
    String id =
        question.visitId() != null
            ? question.visitId()
            : workspace.about(question.visit()).stream()
                .map(message -> message.view() instanceof VisitView view ? view.visitId() : null)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    return routes.entry(question.source(), question.site(), id);
  }

  /** Who may answer the question that a click is about, or empty where it is about none. */
  Optional<Reviewers> reviewers(Answer answer) {
    lock.lock();
    try {
      Question question = question(answer);
      return question == null
          ? Optional.empty()
          : routes.reviewers(question.source(), question.site());
    } finally {
      lock.unlock();
    }
  }

  private @Nullable Question question(Answer answer) {
    MessageState message = workspace.at(answer.channel(), answer.messageTs());
    if (message != null) {
      String visit = message.origin().visit();
      return visit == null ? null : questions.get(visit);
    }
    // People can click before we know what Slack calls the message.
    return questions.values().stream()
        .filter(question -> question.isAskedBy(answer.token()))
        .filter(question ->
            workspace.about(question.visit()).stream()
                .anyMatch(one ->
                    one.place() instanceof MessageState.Place.Perhaps
                        && one.origin().to().equals(answer.channel())))
        .findFirst()
        .orElse(null);
  }

  /**
   * Takes an answer; durable on return. The first one that counts wins, whatever comes later.
   *
   * @param team our workspace
   * @param app our app, or null
   * @param at when it was clicked, as far as we know
   * @throws KafkaException when nobody knows whether it counts; it is to be taken again then
   */
  Ruling answer(
      Answer answer, Question.Clicker who, String team, @Nullable String app, Instant at) {
    Ruling[] ruling = new Ruling[1];
    await(
        change(now -> {
          Question question = question(answer);
          Optional<Reviewers> reviewers =
              question == null
                  ? Optional.empty()
                  : routes.reviewers(question.source(), question.site());
          ruling[0] =
              question == null || reviewers.isEmpty()
                  ? new Ruling.Refused(Reason.NOT_OURS)
                  : question.judge(answer, who, new Ours(team, app, reviewers.get()), at);
          if (question != null && ruling[0] instanceof Ruling.Counts(Given given)) {
            counts(question, given, now);
          }
        }));
    return ruling[0];
  }

  private void counts(Question question, Given given, Instant now) {
    boolean tells =
        question.visitId() != null
            && routes.transition(question.source(), question.site(), given.approved()).isPresent();
    // Made first: where it cannot be made, nothing has changed and the answer is taken again.
    ProducerRecord<byte[], byte[]> review = log.review(question, given);
    keep(question.answered(given, tells ? VendorTold.DUE : VendorTold.NOT));
    unwritten.add(review);
    showQuestion(question.visit(), now);
  }

  // ---- Alerts

  /** Takes an alert; durable on return. Taking it twice changes nothing more. */
  void alert(Alert alert) {
    await(
        change(now -> {
          for (Routes.Posting posting : routes.alerts(alert)) {
            alert(alert, posting, now);
          }
        }));
  }

  private void alert(Alert alert, Routes.Posting posting, Instant now) {
    String to = to(posting);
    String matter = identity.hash("slack-alert", sink, AlertView.dedupeKey(alert), to);
    String newest = matters.get(matter);
    MessageState before = newest == null ? null : workspace.state(newest);
    if (before != null && before.view() instanceof AlertView view && view.takes(alert)) {
      put(MessageMachine.show(before, before.origin(), view.with(alert), now), now);
    } else if (posting.begins() && alert.getRaisedAt().isAfter(now.minus(KEPT))) {
      String key = matter + "-" + alert.getRaisedAt().toEpochMilli();
      matters.put(matter, key);
      Origin origin = new Origin(key, to, null, false, Set.of());
      put(MessageMachine.show(null, origin, AlertView.of(alert), now), now);
    }
  }

  /** The newest message of each matter; alike alerts are one message for a while. */
  private void findMatters(Collection<MessageState> messages) {
    messages.stream()
        .filter(message -> message.view() instanceof AlertView)
        .map(MessageState::key)
        .sorted(Comparator.comparingLong(key -> Long.parseLong(key.substring(cut(key) + 1))))
        .forEach(key -> matters.put(key.substring(0, cut(key)), key));
  }

  private static int cut(String key) {
    return key.lastIndexOf('-');
  }

  // ---- Calls

  private void deliver() {
    lock.lock();
    try {
      while (!closed && log.failure() == null) {
        Instant now = clock.instant();
        look(now);
        Next next = underWay < PARALLEL ? workspace.next(now) : new Next.Wait(now.plus(LOOK_EVERY));
        CompletableFuture<@Nullable Void> written = write();
        room.signalAll();
        switch (next) {
          case Next.Call call -> {
            underWay++;
            Thread.ofVirtual().name("slack-" + sink).start(() -> carryOut(call, written));
          }
          case Next.Wait(Instant until) -> sleep(until, now);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      // Another session begins from what is stored.
      LOG.atError()
          .addKeyValue("sink", sink)
          .setCause(e)
          .log("messages are not delivered any more");
      broken = new KafkaException("messages are not delivered any more", e);
    } finally {
      lock.unlock();
    }
  }

  @SuppressWarnings("WaitNotInLoop") // whoever sleeps looks again
  private void sleep(@Nullable Instant until, Instant now) throws InterruptedException {
    Instant wake = until == null || until.isAfter(lookAt) ? lookAt : until;
    long millis = Math.clamp(Duration.between(now, wake).toMillis(), 1, LOOK_EVERY.toMillis());
    boolean _ = changed.await(millis, TimeUnit.MILLISECONDS);
  }

  private void carryOut(Next.Call call, CompletableFuture<@Nullable Void> written) {
    Reply reply = null;
    try {
      Instant due = clock.instant();
      written.join();
      reply =
          clock.instant().isAfter(due.plus(FRESH))
              // Whoever took over in the meantime would not expect it any more.
              ? new Reply.Failed(Reply.Failure.NOT_NOW)
              : hands.carryOut(call.move(), call.to());
    } catch (CompletionException e) {
      // The states are read anew, and nothing was called.
    } catch (RuntimeException e) {
      LOG.atError()
          .addKeyValue("sink", sink)
          .addKeyValue("error", e.getClass().getSimpleName())
          .log("a call to Slack ended by an error");
      LOG.atDebug().setCause(e).log("a call to Slack ended by an error");
      reply = new Reply.Failed(Reply.Failure.AMBIGUOUS);
    } finally {
      lock.lock();
      try {
        underWay--;
        if (reply != null) {
          workspace.answered(call, reply, clock.instant());
          var _ = write();
        }
        changed.signalAll();
        room.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  /** What time alone changes. */
  private void look(Instant now) {
    boolean wentBack = lookAt.isAfter(now.plus(LOOK_EVERY));
    if (now.isBefore(lookAt) && !wentBack) {
      return;
    }
    lookAt = now.plus(LOOK_EVERY);
    for (Question question : List.copyOf(questions.values())) {
      if (question.isOpen() && !now.isBefore(question.until())) {
        keep(question.over(Over.EXPIRED));
        showQuestion(question.visit(), now);
      } else if (question.vendor() == VendorTold.DUE
          && question.given() != null
          && !now.isBefore(vendorAgainAt.getOrDefault(question.visit(), now))) {
        tellVendor(question.telling(VendorTold.UNDER_WAY), question.given());
      }
    }
    if (!now.isBefore(forgetAt)) {
      forgetAt = now.plus(FORGET_EVERY);
      forget(now);
    }
  }

  private void tellVendor(Question question, Given given) {
    keep(question);
    CompletableFuture<@Nullable Void> written = write();
    underWay++;
    Thread.ofVirtual()
        .name("slack-vendor-" + sink)
        .start(() -> {
          VendorTold told = VendorTold.FAILED;
          try {
            written.join();
            told = hands.tellVendor(question, given);
          } catch (InterruptedException e) {
            hands.vendorInDoubt(question);
            Thread.currentThread().interrupt();
          } catch (CompletionException e) {
            // The states are read anew, and nothing was called.
          } catch (RuntimeException e) {
            LOG.atError()
                .addKeyValue("sink", sink)
                .addKeyValue("error", e.getClass().getSimpleName())
                .log("a call to the vendor ended by an error");
            hands.vendorInDoubt(question);
          } finally {
            told(question, told);
          }
        });
  }

  private void told(Question question, VendorTold told) {
    lock.lock();
    try {
      underWay--;
      Question known = questions.get(question.visit());
      if (known != null && known.round() == question.round()) {
        keep(known.telling(told));
        vendorAgainAt.remove(question.visit());
        if (told == VendorTold.DUE) {
          vendorAgainAt.put(question.visit(), clock.instant().plus(VENDOR_AGAIN));
        }
      }
      var _ = write();
    } finally {
      lock.unlock();
    }
  }

  private void forget(Instant now) {
    for (String key : workspace.forget(KEPT, KEPT_NAMED, now)) {
      unwritten.add(log.record(MESSAGE + key, null));
      matters.values().remove(key);
    }
    for (Question question : List.copyOf(questions.values())) {
      if (!question.isOpen() && question.until().plus(KEPT).isBefore(now)) {
        questions.remove(question.visit());
        unwritten.add(log.record(QUESTION + question.visit(), null));
      }
    }
  }

  // ---- Session

  /** How many messages are to be written. */
  int waiting() {
    lock.lock();
    try {
      return workspace.waiting();
    } finally {
      lock.unlock();
    }
  }

  /** How many messages are remembered. */
  int messages() {
    lock.lock();
    try {
      return workspace.size();
    } finally {
      lock.unlock();
    }
  }

  /** How many questions nobody has answered. */
  long open() {
    lock.lock();
    try {
      return questions.values().stream().filter(Question::isOpen).count();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public @Nullable KafkaException failure() {
    KafkaException unwritable = log.failure();
    return unwritable == null ? broken : unwritable;
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
      room.signalAll();
      while (underWay > 0) {
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
    try {
      courier.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    log.close();
  }
}
