package dev.vestibule.sink.slack;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vestibule.sink.slack.card.Message;
import dev.vestibule.sink.slack.click.Question;
import dev.vestibule.sink.slack.click.Question.Given;
import dev.vestibule.sink.slack.click.Question.VendorTold;
import dev.vestibule.sink.slack.message.MessageState;
import dev.vestibule.sink.slack.message.MessageState.Place;
import dev.vestibule.sink.slack.message.Move;
import dev.vestibule.sink.slack.message.Reply;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A Slack that keeps what it is told and answers as a test says. */
final class ScriptedHands implements Desk.Hands {
  private final MemoryLog log;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition opened = lock.newCondition();
  private final Map<String, Shown> shown = new LinkedHashMap<>();
  private final List<Move> moves = new ArrayList<>();
  private final List<String> tooEarly = new ArrayList<>();
  private final Deque<Function<Reply, Reply>> answers = new ArrayDeque<>();
  private final Deque<VendorTold> vendor = new ArrayDeque<>();
  private final List<String> told = new ArrayList<>();
  private final List<String> doubts = new ArrayList<>();
  private boolean closed;

  /**
   * A message as it is now.
   *
   * @param ts its id in the channel
   */
  record Shown(String to, String ts, String key, long sequence, Message message) {
    String text() {
      return message.text();
    }

    /** The token of a button, or null where there is none. */
    @Nullable String button(String action) {
      for (JsonNode block : message.blocks()) {
        for (JsonNode element : block.path("elements")) {
          if (element.path("action_id").asText().equals(action)) {
            return element.path("value").asText();
          }
        }
      }
      return null;
    }
  }

  ScriptedHands(MemoryLog log) {
    this.log = log;
  }

  @Override
  public Reply carryOut(Move move, String to) {
    lock.lock();
    try {
      while (closed) {
        opened.awaitUninterruptibly();
      }
      moves.add(move);
      Reply reply = done(move, to);
      Function<Reply, Reply> answer = answers.poll();
      return answer == null ? reply : answer.apply(reply);
    } finally {
      lock.unlock();
    }
  }

  private Reply done(Move move, String to) {
    return switch (move) {
      case Move.Post(Message message, long sequence) -> {
        String key = message.metadata().at("/event_payload/key").textValue();
        MessageState durable = log.message(key);
        if (durable == null || !(durable.place() instanceof Place.Perhaps)) {
          tooEarly.add("posted and not written before: " + durable);
        }
        String ts = "1700000000." + (100_000 + shown.size());
        shown.put(ts, new Shown(to, ts, key, sequence, message));
        yield new Reply.Done(to, ts);
      }
      case Move.Update(String channel, String ts, Message message, long sequence) -> {
        Shown before = shown.get(ts);
        if (before == null) {
          yield new Reply.Failed(Reply.Failure.DELETED);
        }
        shown.put(ts, new Shown(channel, ts, before.key(), sequence, message));
        yield new Reply.Done(channel, ts);
      }
      case Move.Find(String key, var _) ->
          shown.values().stream()
              .filter(one -> one.key().equals(key))
              .findFirst()
              .<Reply>map(one -> new Reply.Found(one.to(), one.ts(), one.sequence()))
              .orElseGet(Reply.NotFound::new);
      case Move.Reply _, Move.Delete _ -> new Reply.Done(to, "1700000000.9");
      case Move.Rest _ -> throw new AssertionError("rest is no call");
    };
  }

  @Override
  public VendorTold tellVendor(Question question, Given given) {
    lock.lock();
    try {
      while (closed) {
        opened.awaitUninterruptibly();
      }
      boolean durable =
          log.questions().stream()
              .anyMatch(one ->
                  one.visit().equals(question.visit()) && one.vendor() == VendorTold.UNDER_WAY);
      if (!durable) {
        tooEarly.add("the vendor was told and that was not written before");
      }
      told.add((given.approved() ? "approved " : "denied ") + question.visitId());
      VendorTold next = vendor.poll();
      return next == null ? VendorTold.DONE : next;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void vendorInDoubt(Question question) {
    lock.lock();
    try {
      doubts.add(String.valueOf(question.visitId()));
    } finally {
      lock.unlock();
    }
  }

  /** Slack does what the next call asks for and answers otherwise. */
  void next(Function<Reply, Reply> answer) {
    lock.lock();
    try {
      answers.add(answer);
    } finally {
      lock.unlock();
    }
  }

  void vendor(VendorTold... next) {
    lock.lock();
    try {
      vendor.addAll(List.of(next));
    } finally {
      lock.unlock();
    }
  }

  /** Calls get stuck, or go on. */
  void stuck(boolean stuck) {
    lock.lock();
    try {
      closed = stuck;
      opened.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Somebody deletes a message. */
  void remove(String ts) {
    lock.lock();
    try {
      shown.remove(ts);
    } finally {
      lock.unlock();
    }
  }

  List<Shown> shown() {
    lock.lock();
    try {
      return List.copyOf(shown.values());
    } finally {
      lock.unlock();
    }
  }

  List<Move> moves() {
    lock.lock();
    try {
      return List.copyOf(moves);
    } finally {
      lock.unlock();
    }
  }

  long posts() {
    return moves().stream().filter(move -> move instanceof Move.Post).count();
  }

  List<String> told() {
    lock.lock();
    try {
      return List.copyOf(told);
    } finally {
      lock.unlock();
    }
  }

  List<String> doubts() {
    lock.lock();
    try {
      return List.copyOf(doubts);
    } finally {
      lock.unlock();
    }
  }

  List<String> tooEarly() {
    lock.lock();
    try {
      return List.copyOf(tooEarly);
    } finally {
      lock.unlock();
    }
  }
}
