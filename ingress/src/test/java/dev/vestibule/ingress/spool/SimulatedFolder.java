package dev.vestibule.ingress.spool;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;

/**
 * A folder that is as mean as POSIX allows. A crash loses, keeps or tears each sector that was not
 * forced, cuts files anywhere beyond what was, and applies any subset of the changes of names since
 * the folder was forced. A disk can be full, refuse to be written, or fail to force: then what was
 * written is lost for good, though a later force succeeds.
 */
final class SimulatedFolder implements Folder {
  private static final int SECTOR = 512;

  /** The machine stops here. */
  static final class Crash extends Error {
    private static final long serialVersionUID = 1L;

    Crash() {
      super("crash");
    }
  }

  private static final class Inode {
    byte[] seen = new byte[0];
    byte[] stored = new byte[0];
    final BitSet dirty = new BitSet();
  }

  /** A change of one or two names; a null inode takes the name away. */
  private record Change(Map<String, Inode> names) {}

  private static final Inode GONE = new Inode();

  private final Random random;
  private final Map<String, Inode> seen = new HashMap<>();
  private Map<String, Inode> stored = new HashMap<>();
  private final List<Change> changes = new ArrayList<>();
  private int untilCrash = Integer.MAX_VALUE;
  private int failures;
  private boolean readOnly;
  private long maxBytes = Long.MAX_VALUE;
  private int maxFiles = Integer.MAX_VALUE;
  private int forces;

  SimulatedFolder(Random random) {
    this.random = random;
  }

  /** Crashes at the operation after so many. */
  void crashAfter(int operations) {
    untilCrash = operations;
  }

  /** So many of the next writing operations fail. */
  synchronized void failNext(int operations) {
    failures = operations;
  }

  synchronized void readOnly(boolean refuse) {
    readOnly = refuse;
  }

  /** The disk has room for so much, names and inodes apart. */
  synchronized void roomFor(long bytes, int files) {
    maxBytes = bytes;
    maxFiles = files;
  }

  /** Size of all files. */
  synchronized long bytes() {
    return seen.values().stream().mapToLong(inode -> inode.seen.length).sum();
  }

  /** How often a file was forced. */
  synchronized int forces() {
    return forces;
  }

  /** The process ends, the machine does not: everything that was written is still there. */
  synchronized void kill() {
    untilCrash = Integer.MAX_VALUE;
    failures = 0;
    readOnly = false;
    roomFor(Long.MAX_VALUE, Integer.MAX_VALUE);
  }

  /** What a new process finds after the machine has crashed. */
  void restart() {
    for (Change change : changes) {
      if (random.nextBoolean()) {
        apply(change, stored);
      }
    }
    changes.clear();
    stored.values().forEach(this::lose);
    seen.clear();
    seen.putAll(stored);
    kill();
  }

  private void lose(Inode inode) {
    int kept = inode.stored.length;
    int grown = Math.max(0, inode.seen.length - kept);
    int length = grown == 0 ? kept : kept + random.nextInt(grown + 1);
    byte[] after = Arrays.copyOf(inode.stored, length);
    for (int sector = 0; sector * SECTOR < length; sector++) {
      if (!inode.dirty.get(sector)) {
        continue;
      }
      int from = sector * SECTOR;
      int whole = Math.min(SECTOR, Math.min(length, inode.seen.length) - from);
      int written =
          switch (random.nextInt(3)) {
            case 0 -> 0;
            case 1 -> whole;
            default -> random.nextInt(whole + 1);
          };
      System.arraycopy(inode.seen, from, after, from, Math.max(0, written));
    }
    inode.stored = after;
    inode.seen = after.clone();
    inode.dirty.clear();
  }

  /** What of a file would survive the worst crash. */
  Optional<byte[]> stored(String name) {
    return Optional.ofNullable(stored.get(name)).map(inode -> inode.stored.clone());
  }

  /** Turns one bit of a stored file round, as a disk may do in years. */
  void rot(String name, int position) {
    Inode inode = Objects.requireNonNull(seen.get(name));
    inode.seen[position] ^= 4;
    inode.stored[position] ^= 4;
  }

  private static void apply(Change change, Map<String, Inode> names) {
    change.names.forEach((name, inode) -> {
      if (inode == GONE) {
        names.remove(name);
      } else {
        names.put(name, inode);
      }
    });
  }

  private void change(Map<String, Inode> names) {
    Change change = new Change(names);
    apply(change, seen);
    changes.add(change);
  }

  private void operation() {
    if (--untilCrash < 0) {
      throw new Crash();
    }
  }

  private void writing() throws IOException {
    operation();
    if (readOnly) {
      throw new IOException("Read-only file system");
    }
    if (failures > 0) {
      failures--;
      throw new IOException("No space left on device");
    }
  }

  @Override
  public synchronized List<String> names() {
    return List.copyOf(seen.keySet());
  }

  @Override
  public synchronized Output create(String name) throws IOException {
    writing();
    if (!seen.containsKey(name) && seen.size() >= maxFiles) {
      throw new IOException("No space left on device");
    }
    Inode inode = new Inode();
    change(Map.of(name, inode));
    return new SimulatedOutput(inode);
  }

  private final class SimulatedOutput implements Output {
    private final Inode inode;

    SimulatedOutput(Inode inode) {
      this.inode = inode;
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
      byte[] more = new byte[bytes.remaining()];
      bytes.get(more);
      synchronized (SimulatedFolder.this) {
        long room = maxBytes - SimulatedFolder.this.bytes();
        try {
          writing();
        } catch (IOException | Crash e) {
          append(more, random.nextInt(more.length + 1), room);
          throw e;
        }
        append(more, more.length, room);
        if (room < more.length) {
          throw new IOException("No space left on device");
        }
      }
    }

    private void append(byte[] bytes, int length, long room) {
      byte[] more = Arrays.copyOf(bytes, Math.clamp(room, 0, length));
      int from = inode.seen.length;
      inode.seen = Arrays.copyOf(inode.seen, from + more.length);
      System.arraycopy(more, 0, inode.seen, from, more.length);
      inode.dirty.set(from / SECTOR, (inode.seen.length + SECTOR - 1) / SECTOR);
    }

    @Override
    public void force() throws IOException {
      synchronized (SimulatedFolder.this) {
        forces++;
        try {
          writing();
        } catch (IOException e) {
          inode.dirty.clear();
          inode.seen = Arrays.copyOf(inode.stored, inode.seen.length);
          throw e;
        }
        inode.stored = inode.seen.clone();
        inode.dirty.clear();
      }
    }

    @Override
    public void close() {}
  }

  @Override
  public synchronized byte[] read(String name, long position, int length) throws IOException {
    Inode inode = seen.get(name);
    if (inode == null) {
      throw new FileNotFoundException(name);
    }
    int from = (int) Math.min(position, inode.seen.length);
    return Arrays.copyOfRange(
        inode.seen, from, (int) Math.min(inode.seen.length, (long) from + length));
  }

  @Override
  public synchronized void force(String name) throws IOException {
    writing();
    Inode inode = seen.get(name);
    if (inode == null) {
      throw new FileNotFoundException(name);
    }
    inode.stored = inode.seen.clone();
    inode.dirty.clear();
  }

  @Override
  public synchronized void rename(String from, String to) throws IOException {
    writing();
    Inode inode = seen.get(from);
    if (inode == null) {
      throw new FileNotFoundException(from);
    }
    change(Map.of(from, GONE, to, inode));
  }

  @Override
  public synchronized void delete(String name) throws IOException {
    writing();
    change(Map.of(name, GONE));
  }

  @Override
  public synchronized void force() throws IOException {
    writing();
    changes.clear();
    stored = new HashMap<>(seen);
  }
}
