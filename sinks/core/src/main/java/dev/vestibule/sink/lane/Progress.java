package dev.vestibule.sink.lane;

import java.util.ArrayDeque;

/** How far one partition is finished: everything before its position. */
final class Progress {
  private final ArrayDeque<Mark> marks = new ArrayDeque<>();
  private long next;
  private long flushed;
  private int unfinished;
  private long unfinishedBytes;

  Progress(long position) {
    this.next = position;
    this.flushed = position;
  }

  /** One record of the partition. */
  static final class Mark {
    private final Progress progress;
    private final long offset;
    private final int bytes;
    private boolean finished;

    private Mark(Progress progress, long offset, int bytes) {
      this.progress = progress;
      this.offset = offset;
      this.bytes = bytes;
    }

    void finish() {
      finished = true;
      progress.unfinished--;
      progress.unfinishedBytes -= bytes;
      progress.trim();
    }
  }

  Mark add(long offset, int bytes) {
    Mark mark = new Mark(this, offset, bytes);
    marks.add(mark);
    unfinished++;
    unfinishedBytes += bytes;
    next = Math.max(next, offset + 1);
    return mark;
  }

  /** What lies before the position and was not added holds no record. */
  void read(long position) {
    next = Math.max(next, position);
  }

  /** The lowest offset that is not finished. */
  long position() {
    return marks.isEmpty() ? next : marks.getFirst().offset;
  }

  /** Whether the position has moved since it was last asked for. */
  boolean moved() {
    boolean moved = flushed != position();
    flushed = position();
    return moved;
  }

  boolean hasRoom(LaneSettings settings) {
    return unfinished < settings.records()
        && unfinishedBytes < settings.bytes()
        && marks.size() < settings.records() * LaneSettings.SPAN;
  }

  private void trim() {
    while (!marks.isEmpty() && marks.getFirst().finished) {
      marks.removeFirst();
    }
  }
}
