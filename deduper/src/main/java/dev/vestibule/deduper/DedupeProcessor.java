package dev.vestibule.deduper;

import dev.vestibule.contract.Generation;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Topics;
import dev.vestibule.contract.Verdict;
import dev.vestibule.deduper.Reading.Judgeable;
import dev.vestibule.deduper.Reading.Keyed;
import dev.vestibule.deduper.Reading.Unjudgeable;
import dev.vestibule.deduper.Reports.Conflict;
import dev.vestibule.deduper.verdict.Candidate;
import dev.vestibule.deduper.verdict.Coverage;
import dev.vestibule.deduper.verdict.Hash;
import dev.vestibule.deduper.verdict.Judge;
import dev.vestibule.deduper.verdict.Judgement;
import dev.vestibule.deduper.verdict.Judgement.Evidence;
import dev.vestibule.events.Position;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * Judges every record and sends it where its verdict says. Value bytes pass through untouched.
 *
 * <p>Exactly once from topic to topic: memory, position and everything forwarded are committed in
 * one transaction. Every record ends as an event, a report, a dead letter or a counted replay;
 * nothing is only logged, and no content of a record can stop the task.
 */
final class DedupeProcessor implements Processor<byte[], byte[], byte[], Outbound> {
  private final Generation generation;
  private final TopicNames topics;
  private final Reports reports;
  private final DeduperMetrics metrics;
  private @Nullable ProcessorContext<byte[], Outbound> context;
  private @Nullable PartitionMemory memory;
  private @Nullable KeyUseOutbox outbox;

  DedupeProcessor(
      Generation generation, TopicNames topics, Reports reports, DeduperMetrics metrics) {
    this.generation = generation;
    this.topics = topics;
    this.reports = reports;
    this.metrics = metrics;
  }

  @Override
  public void init(ProcessorContext<byte[], Outbound> context) {
    this.context = context;
    this.memory = new PartitionMemory(context);
    this.outbox = context.getStateStore(KeyUseOutbox.NAME);
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    RecordMetadata metadata = initialized(context).recordMetadata().orElseThrow();
    Coverage coverage = initialized(memory).see(metadata.offset(), record.timestamp());
    Position position = new Position(metadata.topic(), metadata.partition(), metadata.offset());
    Reading reading = RecordReader.read(record, metadata.offset());
    switch (Seeds.of(record.headers(), generation)) {
      case LIVE -> live(record, reading, coverage, position);
      case SEED -> seed(record, reading, coverage, position);
      case MISPLACED -> live(record, Seeds.REFUSED, coverage, position);
    }
  }

  private void live(
      Record<byte[], byte[]> record, Reading reading, Coverage coverage, Position position) {
    metrics.consumed(Math.max(0, coverage.highest() - record.timestamp()));
    switch (reading) {
      case Judgeable judgeable -> report(record, judgeable, judge(judgeable, coverage), position);
      case Unjudgeable unjudgeable -> {
        metrics.dead(unjudgeable.reason());
        forward(reports.deadLetter(record, unjudgeable, position));
      }
    }
  }

  /** What the generation before has made of it is already out: here it is only remembered. */
  private void seed(
      Record<byte[], byte[]> record, Reading reading, Coverage coverage, Position position) {
    switch (reading) {
      case Judgeable judgeable -> {
        Judgement judgement = judge(judgeable, coverage);
        metrics.seeded();
        if (judgement.verdict() != Verdict.REPLAY) {
          reportKeyUses(record, judgeable, true, position);
        }
      }
      case Unjudgeable _ -> metrics.unreadableSeed();
    }
  }

  private Judgement judge(Judgeable copy, Coverage coverage) {
    PartitionMemory known = initialized(memory);
    Keyed renewed = copy.renewed();
    Judgement judgement =
        Judge.judge(
            coverage, known, copy.candidate(), renewed == null ? null : renewed.candidate());
    known.apply(judgement.writes());
    return judgement;
  }

  private void report(
      Record<byte[], byte[]> record, Judgeable copy, Judgement judgement, Position position) {
    metrics.judged(judgement);
    if (judgement.emits()) {
      forward(event(record, copy, judgement));
    }
    Evidence first = judgement.evidence();
    if (first != null && judgement.verdict() == Verdict.DUPLICATE) {
      forward(reports.duplicate(record, copy, first, position));
    }
    if (first != null && judgement.verdict() == Verdict.CONFLICT) {
      forward(
          reports.conflict(
              record.timestamp(), record.headers(), conflict(copy.candidate(), first, position)));
    }
    if (judgement.verdict() != Verdict.REPLAY) {
      reportKeyUses(record, copy, judgement.verdict() == Verdict.CONFLICT, position);
    }
  }

  private Record<byte[], Outbound> event(
      Record<byte[], byte[]> record, Judgeable copy, Judgement judgement) {
    RecordHeaders headers = new RecordHeaders(record.headers());
    Headers.put(headers, Headers.VERDICT, judgement.verdict().name());
    headers.remove(Headers.LATE);
    if (judgement.late()) {
      Headers.put(headers, Headers.LATE, "true");
    }
    if (judgement.verdict() == Verdict.REVISION) {
      String revision = Headers.text(headers, Headers.REVISION);
      Headers.put(headers, Headers.CE_ID, copy.eventId() + ".r" + revision);
    }
    String topic = topics.of(Topics.events(Reports.sensitivity(headers)));
    return new Record<>(
        record.key(), new Outbound(topic, record.value()), record.timestamp(), headers);
  }

  private static Conflict conflict(Candidate second, Evidence first, Position position) {
    Hash key = second.delivery();
    Hash firstIdentity = first.identity();
    if (key == null || firstIdentity == null) {
      throw new IllegalStateException("a conflict is told by a delivery key");
    }
    return new Conflict(
        first.kind().id(),
        key,
        Reports.samePartition(position, first.offset()),
        position,
        firstIdentity,
        second.identity(),
        first.arrival());
  }

  /** For the side branch, where uses in other partitions meet. */
  private void reportKeyUses(
      Record<byte[], byte[]> record, Judgeable copy, boolean quiet, Position position) {
    reportKeyUses(record, copy.deciding(), quiet, position);
    if (copy.renewed() != null) {
      reportKeyUses(record, copy.renewed(), true, position);
    }
  }

  private void reportKeyUses(
      Record<byte[], byte[]> record, Keyed keyed, boolean quiet, Position position) {
    Candidate candidate = keyed.candidate();
    if (candidate.delivery() != null) {
      KeyUse use = KeyUse.delivery(candidate, candidate.delivery(), quiet, position);
      initialized(outbox).add(use, record.headers());
    }
    if (keyed.hint() != null) {
      KeyUse use = KeyUse.hint(candidate, keyed.hint(), quiet, position);
      initialized(outbox).add(use, record.headers());
    }
  }

  private void forward(Record<byte[], Outbound> record) {
    initialized(context).forward(record, DeduperTopology.SEND_OUTCOMES);
  }

  private static <T> T initialized(@Nullable T value) {
    if (value == null) {
      throw new IllegalStateException("not initialized");
    }
    return value;
  }
}
