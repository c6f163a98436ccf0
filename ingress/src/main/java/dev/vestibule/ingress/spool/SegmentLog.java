package dev.vestibule.ingress.spool;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A log of payloads in segment files, drained from its front. What {@link #append} returned for
 * survives a crash and is read back in order until {@link #drained} has returned for it.
 *
 * <p>A segment that failed once is never written again: the next one says how much of it counts. So
 * recovery reads, and changes nothing. One thread appends, one other reads and drains.
 */
final class SegmentLog implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(SegmentLog.class);
  private static final Pattern SEGMENT = Pattern.compile("(\\d{1,18})\\.segment");
  private static final String DRAINED = "drained";
  private static final String DRAINED_NEW = "drained.new";
  private static final int DRAINED_BYTES = Integer.BYTES + Long.BYTES * 2;
  private static final int FIRST_BUFFER = 256 * 1024;

  /**
   * What is to be appended.
   *
   * @param appendedAt Unix time in milliseconds
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Payload(long appendedAt, byte[] bytes) {}

  /**
   * Frames in order.
   *
   * @param through number up to which the log has been walked; above the last frame's where records
   *     at the end are lost
   */
  record Batch(List<Frame> frames, long through) {}

  private static final class Segment {
    final long sequence;
    final long first;

    /** How much of the file is on disk. */
    int end;

    /** The number after its last record. */
    long next;

    boolean damaged;

    Segment(long sequence, long first, int end, long next) {
      this.sequence = sequence;
      this.first = first;
      this.end = end;
      this.next = next;
    }

    String name() {
      return sequence + ".segment";
    }
  }

  private final String name;
  private final Folder folder;
  private final int segmentBytes;

  /** Guards what appending and draining share; never held during input or output. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Deque<Segment> segments = new ArrayDeque<>();
  private @Nullable Segment active;
  private Folder.@Nullable Output output;
  private boolean appending;
  private long drained;
  private long bytes;

  // Of the appending thread.
  private long next;
  private long sequence;
  private ByteBuffer buffer = ByteBuffer.allocateDirect(FIRST_BUFFER);

  // Of the draining thread.
  private long readSequence;
  private int readPosition = SegmentHeader.SIZE;
  private long readNumber;
  private final AtomicLong lost = new AtomicLong();

  private SegmentLog(String name, Folder folder, int segmentBytes) {
    this.name = name;
    this.folder = folder;
    this.segmentBytes = segmentBytes;
  }

  /**
   * Opens the log and finds where it ends.
   *
   * @param name for messages
   * @param segmentBytes a segment that has reached this size is followed by a new one
   * @throws IOException when the folder cannot be read
   */
  static SegmentLog open(String name, Folder folder, int segmentBytes) throws IOException {
    SegmentLog log = new SegmentLog(name, folder, segmentBytes);
    log.recover();
    return log;
  }

  private void recover() throws IOException {
    List<Long> sequences =
        folder.names().stream()
            .map(SEGMENT::matcher)
            .filter(Matcher::matches)
            .map(matcher -> Long.valueOf(matcher.group(1)))
            .sorted(Comparator.reverseOrder())
            .toList();
    Mark marked = readMark();
    SegmentHeader after = null;
    List<Long> superfluous = new ArrayList<>();
    for (long candidate : sequences) {
      Segment newer = segments.peekFirst();
      // What lies between two that are linked is left over from appends that failed.
      boolean linked = newer == null || after == null || after.previous() >= candidate;
      boolean needed = marked == null || newer == null || newer.first > marked.number + 1;
      Segment segment = null;
      if (linked && needed && (marked == null || candidate >= marked.sequence)) {
        ByteBuffer content = content(candidate);
        SegmentHeader header = SegmentHeader.read(content);
        segment = segment(candidate, content, header, after, newer);
        if (segment != null) {
          after = header;
        }
      }
      if (segment == null) {
        superfluous.add(candidate);
      } else {
        segments.addFirst(segment);
        bytes += segment.end;
      }
    }
    Segment oldest = segments.peekFirst();
    Segment newest = segments.peekLast();
    if (newest != null) {
      // A process that was killed may have left more than it had forced; from now on it counts.
      folder.force(newest.name());
      folder.force();
    }
    if (marked != null) {
      drained = marked.number;
      readSequence = marked.sequence;
    }
    if (oldest != null && (marked == null || removedUnmarked(oldest))) {
      drained = oldest.first - 1;
    }
    sequence = Math.max(readSequence, sequences.isEmpty() ? 0 : sequences.getFirst());
    next = Math.max(drained + 1, newest == null ? 1 : newest.next);
    readNumber = drained;
    removeDrained();
    superfluous.forEach(old -> discard(new Segment(old, 0, 0, 0)));
  }

  /** Whether records were drained, and removed by a disk that was too full to mark that. */
  private boolean removedUnmarked(Segment oldest) {
    if (oldest.damaged || oldest.first <= drained + 1) {
      return false;
    }
    LOG.atWarn()
        .addKeyValue("spool", name)
        .addKeyValue("first", drained + 1)
        .addKeyValue("last", oldest.first - 1)
        .log("spool begins behind its mark; what is gone was drained while the disk was full");
    return true;
  }

  private ByteBuffer content(long candidate) throws IOException {
    return ByteBuffer.wrap(folder.read(candidate + ".segment", 0, Integer.MAX_VALUE - 8));
  }

  /** What a file is worth, or null when nothing in it was ever acknowledged. */
  private @Nullable Segment segment(
      long candidate,
      ByteBuffer content,
      @Nullable SegmentHeader header,
      @Nullable SegmentHeader after,
      @Nullable Segment newer) {
    int start = SegmentHeader.SIZE;
    ByteBuffer frames =
        content.limit() < start
            ? ByteBuffer.allocate(0)
            : content.slice(start, content.limit() - start);
    if (after != null && newer != null && after.previous() == candidate) {
      long first = header == null ? firstIn(frames, newer.first) : header.first();
      return marked(
          new Segment(candidate, first, after.previousEnd(), newer.first), header == null);
    }
    int proven = Math.max(0, Scan.proven(frames) - start);
    if (header == null && proven == 0) {
      return null;
    }
    long first = header == null ? firstIn(frames, 1) : header.first();
    Scan scan = new Scan(frames, proven, first - 1);
    long last = first - 1;
    int end = 0;
    for (Frame frame = scan.next(); frame != null; frame = scan.next()) {
      last = frame.number();
      end = scan.position();
    }
    end = Math.max(end, proven);
    if (end < frames.limit()) {
      LOG.atWarn()
          .addKeyValue("spool", name)
          .addKeyValue("segment", candidate)
          .addKeyValue("bytes", frames.limit() - end)
          .log("spool ends in a broken record; a crash tears only what was not acknowledged");
    }
    long following = newer == null ? last + 1 : newer.first;
    return marked(new Segment(candidate, first, start + end, following), header == null);
  }

  private static Segment marked(Segment segment, boolean damaged) {
    segment.damaged = damaged;
    return segment;
  }

  private static long firstIn(ByteBuffer frames, long otherwise) {
    Frame frame = new Scan(frames, frames.limit(), 0).next();
    return frame == null ? otherwise : frame.number();
  }

  /** Up to which number the log is drained, and the segment of that number. */
  private record Mark(long number, long sequence) {}

  /** Null when nobody can tell. */
  private @Nullable Mark readMark() throws IOException {
    if (!folder.names().contains(DRAINED)) {
      return null;
    }
    ByteBuffer content = ByteBuffer.wrap(folder.read(DRAINED, 0, DRAINED_BYTES));
    if (content.limit() < DRAINED_BYTES
        || content.getInt(0) != Frame.crc(content, Integer.BYTES, DRAINED_BYTES)) {
      LOG.atError()
          .addKeyValue("spool", name)
          .log("spool has lost its place; what it holds is published again");
      return null;
    }
    return new Mark(content.getLong(Integer.BYTES), content.getLong(Integer.BYTES + Long.BYTES));
  }

  /**
   * Appends payloads and returns when they survive a crash. None at all only tries the disk.
   *
   * @return number of the first
   * @throws IOException when they may or may not survive; they count as never appended
   */
  long append(List<Payload> payloads) throws IOException {
    Segment segment = begin();
    try {
      boolean created = segment.end == 0;
      encode(payloads, segment, created);
      Folder.Output out = output;
      if (out == null) {
        out = folder.create(segment.name());
        output = out;
      }
      out.write(buffer.flip());
      out.force();
      if (created) {
        folder.force();
      }
      return committed(segment, payloads.size(), created);
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      abandon(segment);
      throw e;
    } finally {
      end();
    }
  }

  private Segment begin() {
    lock.lock();
    try {
      appending = true;
      Segment segment = active;
      if (segment != null && segment.end >= segmentBytes) {
        release();
        segment = null;
      }
      if (segment == null) {
        segment = new Segment(++sequence, next, 0, next);
        active = segment;
      }
      return segment;
    } finally {
      lock.unlock();
    }
  }

  private void end() {
    lock.lock();
    try {
      appending = false;
    } finally {
      lock.unlock();
    }
  }

  private void encode(List<Payload> payloads, Segment segment, boolean created) {
    int size = created ? SegmentHeader.SIZE : 0;
    for (Payload payload : payloads) {
      size += Frame.HEAD + payload.bytes().length;
    }
    if (buffer.capacity() < size) {
      buffer = ByteBuffer.allocateDirect(Integer.highestOneBit(size) * 2);
    }
    buffer.clear();
    if (created) {
      header(segment).write(buffer);
    }
    long number = next;
    for (Payload payload : payloads) {
      new Frame(number++, payload.appendedAt(), segment.end, payload.bytes()).write(buffer);
    }
  }

  private SegmentHeader header(Segment segment) {
    lock.lock();
    try {
      Segment previous = segments.peekLast();
      return previous == null
          ? new SegmentHeader(segment.first, 0, 0)
          : new SegmentHeader(segment.first, previous.sequence, previous.end);
    } finally {
      lock.unlock();
    }
  }

  private long committed(Segment segment, int count, boolean created) {
    lock.lock();
    try {
      long first = next;
      next += count;
      segment.end += buffer.limit();
      segment.next = next;
      bytes += buffer.limit();
      if (created) {
        segments.addLast(segment);
      }
      return first;
    } finally {
      lock.unlock();
    }
  }

  /** Nothing is known about the end of this file any more. */
  private void abandon(Segment segment) {
    lock.lock();
    try {
      release();
    } finally {
      lock.unlock();
    }
    if (segment.end == 0) {
      discard(segment);
    }
  }

  /** Ends the active segment; the lock is held. */
  private void release() {
    Folder.Output out = output;
    output = null;
    active = null;
    if (out != null) {
      try {
        out.close();
      } catch (IOException e) {
        LOG.atDebug().addKeyValue("spool", name).log("segment was not closed");
      }
    }
  }

  /**
   * The next records, as far as they are on disk. Records that are damaged are reported and left
   * out, and their file is kept.
   *
   * @param maxFrames at most so many, at least 1
   * @return none at the end
   * @throws IOException when the disk does not give them; a second try starts at the same record
   */
  Batch read(int maxFrames) throws IOException {
    Extent extent = unread();
    return new Batch(extent == null ? List.of() : read(extent, maxFrames), readNumber);
  }

  /** A part of a segment that is on disk and was not read, and the number at its end. */
  private record Extent(Segment segment, int from, int end, long last) {}

  private @Nullable Extent unread() {
    lock.lock();
    try {
      for (Segment segment : segments) {
        if (segment.sequence < readSequence) {
          continue;
        }
        int from = segment.sequence == readSequence ? readPosition : SegmentHeader.SIZE;
        if (from < segment.end || readNumber < segment.next - 1) {
          return new Extent(segment, from, segment.end, segment.next - 1);
        }
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  private List<Frame> read(Extent extent, int maxFrames) throws IOException {
    Segment segment = extent.segment;
    byte[] content = folder.read(segment.name(), extent.from, extent.end - extent.from);
    boolean whole = extent.from == SegmentHeader.SIZE;
    Scan scan =
        new Scan(ByteBuffer.wrap(content), content.length, whole ? segment.first - 1 : readNumber);
    List<Frame> frames = new ArrayList<>();
    int position = extent.end;
    for (Frame frame = scan.next(); frame != null; frame = scan.next()) {
      if (frame.number() > readNumber) {
        lost(segment, frame.number() - 1);
        frames.add(frame);
        readNumber = frame.number();
      }
      if (frames.size() == maxFrames) {
        position = extent.from + scan.position();
        break;
      }
    }
    readSequence = segment.sequence;
    readPosition = position;
    if (position == extent.end) {
      lost(segment, extent.last);
    }
    return frames;
  }

  /** Reports what cannot be read up to a number, if anything. */
  private void lost(Segment segment, long through) {
    if (readNumber >= through) {
      return;
    }
    LOG.atError()
        .addKeyValue("spool", name)
        .addKeyValue("segment", segment.sequence)
        .addKeyValue("first", readNumber + 1)
        .addKeyValue("last", through)
        .log("spooled records are damaged and cannot be published; their file is kept");
    lost.addAndGet(through - readNumber);
    segment.damaged = true;
    readNumber = through;
  }

  /** Keeps the file of a frame whose payload means nothing to its reader. */
  void keep(Frame frame) {
    lock.lock();
    try {
      segments.stream()
          .filter(segment -> segment.first <= frame.number() && frame.number() < segment.next)
          .forEach(segment -> segment.damaged = true);
    } finally {
      lock.unlock();
    }
    lost.incrementAndGet();
    LOG.atError()
        .addKeyValue("spool", name)
        .addKeyValue("first", frame.number())
        .addKeyValue("last", frame.number())
        .log("spooled record was written by another version; its file is kept");
  }

  /** How many records were damaged since the log was opened. */
  long lost() {
    return lost.get();
  }

  /**
   * Forgets everything up to a number, and returns when it will stay forgotten.
   *
   * @throws IOException when it may come back after a crash; can be tried again
   */
  void drained(long through) throws IOException {
    lock.lock();
    try {
      drained = Math.max(drained, through);
    } finally {
      lock.unlock();
    }
    try {
      mark(through);
    } catch (IOException e) {
      // A full disk has no room for a mark, but what is gone needs none.
      removeDrained();
      mark(through);
    }
    removeDrained();
  }

  private void mark(long through) throws IOException {
    ByteBuffer content =
        ByteBuffer.allocate(DRAINED_BYTES).putInt(0).putLong(through).putLong(readSequence);
    content.putInt(0, Frame.crc(content, Integer.BYTES, DRAINED_BYTES)).flip();
    try (Folder.Output out = folder.create(DRAINED_NEW)) {
      out.write(content);
      out.force();
    }
    folder.rename(DRAINED_NEW, DRAINED);
    folder.force();
  }

  private void removeDrained() throws IOException {
    for (Segment done = firstDrained(); done != null; done = firstDrained()) {
      remove(done);
      // One after the other, so that no crash leaves a gap that looks like a loss.
      folder.force();
      forget(done);
    }
  }

  /** A segment that nobody writes or reads any more, or null. */
  private @Nullable Segment firstDrained() {
    lock.lock();
    try {
      Segment oldest = segments.peekFirst();
      if (oldest == null || oldest.next > drained + 1 || (appending && oldest == active)) {
        return null;
      }
      if (oldest == active) {
        release();
      }
      return oldest;
    } finally {
      lock.unlock();
    }
  }

  private void forget(Segment segment) {
    lock.lock();
    try {
      segments.removeFirst();
      bytes -= segment.end;
    } finally {
      lock.unlock();
    }
  }

  private void remove(Segment segment) throws IOException {
    if (segment.damaged) {
      folder.rename(segment.name(), segment.sequence + ".damaged");
    } else {
      folder.delete(segment.name());
    }
  }

  /** Best effort: the next recovery discards what is still there. */
  private void discard(Segment segment) {
    try {
      remove(segment);
    } catch (IOException e) {
      LOG.atWarn()
          .addKeyValue("spool", name)
          .addKeyValue("segment", segment.sequence)
          .addKeyValue("error", e.getClass().getSimpleName())
          .log("segment of no use was not removed");
    }
  }

  /** Up to which number everything is drained. */
  long drained() {
    lock.lock();
    try {
      return drained;
    } finally {
      lock.unlock();
    }
  }

  /** Number of the last record on disk. */
  long last() {
    lock.lock();
    try {
      return next - 1;
    } finally {
      lock.unlock();
    }
  }

  /** How many records are on disk and not drained. */
  long undrained() {
    lock.lock();
    try {
      return next - 1 - drained;
    } finally {
      lock.unlock();
    }
  }

  /** Size of all segments. */
  long bytes() {
    lock.lock();
    try {
      return bytes;
    } finally {
      lock.unlock();
    }
  }

  /** Keeps the files. Not while another thread appends. */
  @Override
  public void close() {
    lock.lock();
    try {
      release();
    } finally {
      lock.unlock();
    }
  }
}
