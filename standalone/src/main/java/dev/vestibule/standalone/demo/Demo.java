package dev.vestibule.standalone.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.vestibule.config.SourceConfig;
import dev.vestibule.contract.Topics;
import dev.vestibule.contract.Vendor;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.serde.AvroJson;
import dev.vestibule.standalone.demo.Act.Lane;
import dev.vestibule.standalone.demo.EventWatch.Sighting;
import dev.vestibule.standalone.simulator.Delivery;
import dev.vestibule.standalone.simulator.HttpLine;
import dev.vestibule.standalone.simulator.Pace;
import dev.vestibule.standalone.simulator.Tally;
import dev.vestibule.standalone.simulator.WebhookClient;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/** Plays a day of visits at a running installation and judges what became of it. */
final class Demo {
  /** A minute of a vendor's patience takes a fifth of a second here. */
  private static final Pace PACE = Pace.shrunk(300);

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration QUIET = Duration.ofMillis(1500);

  private final DemoTarget target;
  private final FakeController doors;
  private final FrontDesk desk;
  private final Narrator narrator;
  private final List<Act> acts;
  private final List<String> surprises = Collections.synchronizedList(new ArrayList<>());

  Demo(
      DemoTarget target,
      Map<String, SourceConfig> sources,
      FakeController doors,
      FrontDesk desk,
      Narrator narrator,
      Random random,
      InstantSource clock) {
    this.target = target;
    this.doors = doors;
    this.desk = desk;
    this.narrator = narrator;
    this.acts = new Play(sources, random, clock).acts();
  }

  /** Plays all acts; true when every number came out as expected. */
  boolean play() throws InterruptedException, ExecutionException {
    try (HttpLine line = new HttpLine();
        EventWatch watch = new EventWatch(target.kafka(), target.registry());
        ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
      Turnstile turnstile = new Turnstile(line);
      Tally expected = Tally.NOTHING;
      List<Step> played = new ArrayList<>();
      boolean complete = true;
      for (Act act : acts) {
        narrator.act(act.title(), act.saying());
        Tally before = watch.seen();
        perform(act, turnstile, senders);
        boolean first = played.isEmpty();
        played.addAll(act.steps());
        expected = expected.plus(act.effects());
        complete = watch.awaitAll(expected, Deadline.in(PATIENCE));
        if (first && complete) {
          showFirst(watch.sightings().getFirst(), turnstile);
          showDoors(watch);
        } else {
          narrator.say("-> " + arrivals(watch.seen().since(before)));
        }
        if (complete && act.title().equals(Play.REVIEW)) {
          answerReview(watch, line);
        }
        if (!complete) {
          narrator.problem(
              "Not all of it arrived within "
                  + PATIENCE.toSeconds()
                  + " s; the rest of the play is left out.");
          break;
        }
      }
      return judge(played, turnstile, watch) && complete;
    }
  }

  private void perform(Act act, Turnstile turnstile, ExecutorService senders)
      throws InterruptedException, ExecutionException {
    List<Future<String>> running = new ArrayList<>();
    for (Lane lane : act.lanes()) {
      running.add(senders.submit(() -> perform(lane, turnstile)));
    }
    for (Future<String> lane : running) {
      narrator.show(lane.get());
    }
  }

  /** Plays a lane and tells in a line how it went. */
  private String perform(Lane lane, Turnstile turnstile) throws InterruptedException {
    Set<String> answers = new TreeSet<>();
    for (Step step : lane.steps()) {
      WebhookClient client = new WebhookClient(turnstile.losingAnswers(step.lostAnswers()), PACE);
      URI url = WebhookClient.url(target.ingress(), step.source(), step.webhook());
      Delivery delivery = client.deliver(url, step.webhook(), step.rule());
      String answer = delivery.status() == 0 ? "no answer" : Integer.toString(delivery.status());
      answers.add(answer);
      if (delivery.status() != step.status()) {
        surprises.add(
            "%s, %s: expected status %d, got %s"
                .formatted(step.source(), step.label(), step.status(), answer));
      }
    }
    return "%-18s %s -> %s".formatted(lane.name(), lane.describe(), String.join(", ", answers));
  }

  private static String arrivals(Tally tally) {
    if (tally.topics().isEmpty()) {
      return "nothing arrived anywhere";
    }
    return tally.topics().stream()
        .map(topic -> tally.on(topic) + " on " + topic)
        .collect(Collectors.joining(", "));
  }

  private void showFirst(Sighting first, Turnstile turnstile) {
    Latencies latency = turnstile.until(List.of(first));
    narrator.say(
        "-> "
            + Topics.EVENTS
            + (latency.count() == 0
                ? ""
                : ", " + Narrator.milliseconds(latency.percentile(100)) + " after the first byte")
            + " (absent fields left out):");
    narrator.show("");
    narrator.show(withoutAbsent(AvroJson.toJson(first.event())).toPrettyString());
  }

  /** What is there, for reading: a record holds absent fields as null. */
  private static JsonNode withoutAbsent(ObjectNode object) {
    ObjectNode present = object.objectNode();
    object
        .properties()
        .forEach(field -> {
          JsonNode value =
              field.getValue() instanceof ObjectNode nested
                  ? withoutAbsent(nested)
                  : field.getValue();
          if (!value.isNull() && !(value.isObject() && value.isEmpty())) {
            present.set(field.getKey(), value);
          }
        });
    return present;
  }

  private boolean judge(List<Step> played, Turnstile turnstile, EventWatch watch)
      throws InterruptedException, ExecutionException {
    narrator.act("What arrived", "Every expected number is computed from what was sent.");
    Tally planned = played.stream().map(Step::effects).reduce(Tally.NOTHING, Tally::plus);
    Deadline deadline = Deadline.in(PATIENCE);
    watch.awaitQuiet(QUIET, deadline);
    long rows = warehouseRows(Scoreboard.warehouseRows(planned), deadline);
    long open = doorsOpen(visitsInside(watch), deadline);
    Tally seen = watch.seen();
    Scoreboard board =
        Scoreboard.of(played, turnstile, rawRecords(), seen, rows)
            .with(new Scoreboard.Score("visitors whom doors let in", visitsInside(watch), open));
    for (Scoreboard.Score score : desk.scores(watch, deadline)) {
      board = board.with(score);
    }
    narrator.say(doorsHeard());
    narrator.say("Slack's channel of reviews:");
    narrator.show("");
    narrator.show(desk.picture());
    List<String> differences = seen.differencesFrom(planned);
    narrator.show("");
    narrator.show(board.table(narrator));
    narrator.show(latencies("POST to answer", turnstile.answerTimes()));
    narrator.show(latencies("POST to visitor.events", turnstile.until(watch.sightings())));
    surprises.forEach(narrator::problem);
    differences.forEach(narrator::problem);
    boolean right = board.right() && differences.isEmpty() && surprises.isEmpty();
    return right;
  }

  /** The controller's own picture, as soon as it has heard of everybody who is inside. */
  private void showDoors(EventWatch watch) throws InterruptedException {
    long begin = System.nanoTime();
    long open = doorsOpen(visitsInside(watch), Deadline.in(PATIENCE));
    narrator.say(
        "-> a controller of doors got "
            + open
            + " grant "
            + Narrator.milliseconds(Duration.ofNanos(System.nanoTime() - begin))
            + " later, as a signed webhook:");
    narrator.show("");
    narrator.show(doors.picture());
  }

  /** Buttons are pressed; what follows from it is judged at the end. */
  private void answerReview(EventWatch watch, HttpLine line) throws InterruptedException {
    List<FrontDesk.Answered> answers;
    try {
      answers = desk.answer(watch.sightings(), target.ingress(), line, Deadline.in(PATIENCE));
    } catch (IOException e) {
      answers = List.of();
    }
    if (answers.isEmpty()) {
      surprises.add("Slack: nobody was asked, or no answer was taken");
    }
    for (FrontDesk.Answered answer : answers) {
      narrator.show("%-18s %s -> %d".formatted("reception", answer.what(), answer.status()));
      if (answer.status() != answer.expected()) {
        surprises.add(
            "Slack, %s: expected status %d, got %d"
                .formatted(answer.what(), answer.expected(), answer.status()));
      }
    }
    narrator.say("Slack as a page, while this plays: " + desk.page());
  }

  private String doorsHeard() {
    Map<DoorBook.Made, Long> made =
        doors.book().history().stream()
            .collect(Collectors.groupingBy(DoorBook.Noted::made, Collectors.counting()));
    return "The controller of doors got "
        + made.getOrDefault(DoorBook.Made.GRANTED, 0L)
        + " grants and "
        + made.getOrDefault(DoorBook.Made.REVOKED, 0L)
        + " revokes, and refused "
        + doors.refused()
        + " messages.";
  }

  /** Visits that have signed in where a rule opens a door, and have not signed out. */
  private static long visitsInside(EventWatch watch) {
    Map<String, Boolean> inside = new HashMap<>();
    for (Sighting sighting : watch.sightings()) {
      VisitorEvent event = sighting.event();
      String visit = event.getVisit().getId();
      if (visit != null && event.getSource().equals(DemoSources.KYBERACCESS)) {
        switch (event.getType()) {
          case SIGNED_IN -> inside.putIfAbsent(visit, true);
          case SIGNED_OUT, DENIED, ERASED -> inside.put(visit, false);
          default -> {}
        }
      }
    }
    return inside.values().stream().filter(in -> in).count();
  }

  /** Asks until as many are let in as expected, and at least once. */
  private long doorsOpen(long expected, Deadline deadline) throws InterruptedException {
    while (doors.book().standing().size() != expected && !deadline.passed()) {
      Thread.sleep(deadline.atMost(Duration.ofMillis(20)));
    }
    return doors.book().standing().size();
  }

  private static String latencies(String what, Latencies latencies) {
    return "%-36s p50 %s   p99 %s   (%d)"
        .formatted(
            what,
            Narrator.milliseconds(latencies.percentile(50)),
            Narrator.milliseconds(latencies.percentile(99)),
            latencies.count());
  }

  /** Asks until they are all there, and at least once. */
  private long warehouseRows(long expected, Deadline deadline) throws InterruptedException {
    long rows = warehouseRows();
    while (rows < expected && !deadline.passed()) {
      Thread.sleep(deadline.atMost(Duration.ofMillis(200)));
      rows = warehouseRows();
    }
    return rows;
  }

  /** Rows, or -1 when the warehouse cannot be asked right now. */
  private long warehouseRows() throws InterruptedException {
    try {
      return target.warehouseRows();
    } catch (IOException e) {
      return -1;
    }
  }

  private long rawRecords() throws InterruptedException, ExecutionException {
    try (Admin admin = Admin.create(target.kafka())) {
      List<String> topics = List.of(Vendor.values()).stream().map(Vendor::rawTopic).toList();
      Map<TopicPartition, OffsetSpec> ends =
          admin.describeTopics(topics).allTopicNames().get().values().stream()
              .flatMap(topic ->
                  topic.partitions().stream()
                      .map(info -> new TopicPartition(topic.name(), info.partition())))
              .collect(Collectors.toMap(partition -> partition, partition -> OffsetSpec.latest()));
      return admin.listOffsets(ends).all().get().values().stream()
          .mapToLong(end -> end.offset())
          .sum();
    }
  }
}
