package dev.vestibule.standalone.demo;

import dev.vestibule.standalone.simulator.Answer;
import dev.vestibule.standalone.simulator.Line;
import dev.vestibule.standalone.simulator.Webhook;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Counts everything that goes over a line, and remembers when each accepted request was sent. */
final class Turnstile implements Line {
  private final Line line;
  private final Map<Integer, Integer> answers = new TreeMap<>();
  private final Map<String, Long> sentAt = new HashMap<>();
  private final List<Duration> answerTimes = new ArrayList<>();
  private int sent;

  Turnstile(Line line) {
    this.line = line;
  }

  @Override
  public Answer send(URI url, Webhook webhook) throws IOException, InterruptedException {
    synchronized (this) {
      sent++;
    }
    long start = System.nanoTime();
    Answer answer = line.send(url, webhook);
    note(start, answer);
    return answer;
  }

  private synchronized void note(long start, Answer answer) {
    answers.merge(answer.status(), 1, Integer::sum);
    if (answer.status() == 200) {
      answerTimes.add(answer.latency());
    }
    if (answer.receipt() != null) {
      sentAt.put(answer.receipt(), start);
    }
  }

  synchronized int sent() {
    return sent;
  }

  synchronized int answered(int status) {
    return answers.getOrDefault(status, 0);
  }

  /** Answers by status. */
  synchronized Map<Integer, Integer> answers() {
    return Map.copyOf(answers);
  }

  synchronized Latencies answerTimes() {
    return new Latencies(answerTimes);
  }

  /** From sending a request to seeing what became of it, for every sighting of an accepted one. */
  synchronized Latencies until(List<EventWatch.Sighting> sightings) {
    List<Duration> times = new ArrayList<>();
    for (EventWatch.Sighting sighting : sightings) {
      Long start = sentAt.get(sighting.raw());
      if (start != null) {
        times.add(Duration.ofNanos(sighting.nanoTime() - start));
      }
    }
    return new Latencies(times);
  }
}
