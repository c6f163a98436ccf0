package dev.vestibule.benchmarks;

import java.io.EOFException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;

/**
 * Posts prepared requests over connections that stay open, all of them from the calling thread: as
 * little work as possible, since it shares the processors with what it measures. Every answer must
 * be 200.
 */
final class HttpLoad implements AutoCloseable {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** The least that a selector waits; what it makes late counts. */
  private static final Duration TICK = Duration.ofMillis(1);

  private static final byte[] OK = "HTTP/1.1 200".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] LENGTH = "\r\ncontent-length:".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] END = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  /**
   * What a run has seen.
   *
   * @param perSecond requests answered
   * @param latencies from when a request was due, or sent where nothing was due
   * @param cpuMicros processor time of this side for one request
   */
  record Result(double perSecond, Latencies latencies, double cpuMicros) {}

  private static final class Connection {
    final SocketChannel channel;
    final byte[] answer = new byte[4096];
    final ByteBuffer buffer = ByteBuffer.wrap(answer);
    long since;

    Connection(SocketChannel channel) {
      this.channel = channel;
    }
  }

  private final Selector selector = Selector.open();
  private final List<Connection> connections = new ArrayList<>();
  private final ByteBuffer[] requests;
  private int next;

  /**
   * @param requests whole requests, head and body; sent one after the other, again and again
   */
  HttpLoad(int port, int count, List<byte[]> requests) throws IOException {
    this.requests =
        requests.stream()
            .map(bytes -> ByteBuffer.allocateDirect(bytes.length).put(bytes).flip())
            .toArray(ByteBuffer[]::new);
    for (int i = 0; i < count; i++) {
      SocketChannel channel =
          SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.configureBlocking(false);
      Connection connection = new Connection(channel);
      connections.add(connection);
      channel.register(selector, SelectionKey.OP_READ, connection);
    }
  }

  /** Each connection sends its next request when it has the answer to the last. */
  Result closed(Duration length) throws IOException {
    Latencies latencies = new Latencies();
    long cpu = THREADS.getCurrentThreadCpuTime();
    long start = System.nanoTime();
    long end = start + length.toNanos();
    for (Connection connection : connections) {
      send(connection, System.nanoTime());
    }
    int waiting = connections.size();
    while (waiting > 0) {
      await(PATIENCE);
      for (Connection connection : answered()) {
        long now = System.nanoTime();
        latencies.add(now - connection.since);
        if (now < end) {
          send(connection, now);
        } else {
          waiting--;
        }
      }
    }
    return result(latencies, start, cpu);
  }

  /** Requests are due at a steady rate, whether the server keeps up or not. */
  Result open(double perSecond, Duration length) throws IOException {
    Latencies latencies = new Latencies();
    Deque<Connection> idle = new ArrayDeque<>(connections);
    long cpu = THREADS.getCurrentThreadCpuTime();
    long start = System.nanoTime();
    long count = (long) (perSecond * length.toNanos() / 1e9);
    double interval = 1e9 / perSecond;
    long sent = 0;
    long done = 0;
    while (done < count) {
      long now = System.nanoTime();
      while (sent < count && !idle.isEmpty() && start + (long) (sent * interval) <= now) {
        send(idle.remove(), start + (long) (sent * interval));
        sent++;
      }
      await(sent < count && !idle.isEmpty() ? TICK : PATIENCE);
      for (Connection connection : answered()) {
        latencies.add(System.nanoTime() - connection.since);
        done++;
        idle.add(connection);
      }
    }
    return result(latencies, start, cpu);
  }

  private static Result result(Latencies latencies, long start, long cpu) {
    double seconds = (System.nanoTime() - start) / 1e9;
    double cpuMicros = (THREADS.getCurrentThreadCpuTime() - cpu) / 1e3 / latencies.count();
    return new Result(latencies.count() / seconds, latencies, cpuMicros);
  }

  private void await(Duration longest) throws IOException {
    if (selector.select(longest.toMillis()) == 0 && longest.equals(PATIENCE)) {
      throw new IOException("no answer for " + PATIENCE.toSeconds() + " s");
    }
  }

  /** Those that have a whole answer now. */
  private List<Connection> answered() throws IOException {
    List<Connection> answered = new ArrayList<>();
    for (SelectionKey key : selector.selectedKeys()) {
      Connection connection = (Connection) key.attachment();
      if (connection.channel.read(connection.buffer) < 0) {
        throw new EOFException("the server has hung up");
      }
      if (isWhole(connection)) {
        answered.add(connection);
      }
    }
    selector.selectedKeys().clear();
    return answered;
  }

  private void send(Connection connection, long since) throws IOException {
    connection.since = since;
    connection.buffer.clear();
    ByteBuffer request = requests[next].rewind();
    next = (next + 1) % requests.length;
    while (request.hasRemaining()) {
      connection.channel.write(request);
    }
  }

  private static boolean isWhole(Connection connection) throws IOException {
    byte[] answer = connection.answer;
    int length = connection.buffer.position();
    int end = indexOf(answer, length, END);
    if (end < 0) {
      return false;
    }
    if (indexOf(answer, OK.length, OK) != 0) {
      throw new IOException("not accepted: " + text(answer, end));
    }
    int field = indexOf(answer, end, LENGTH);
    if (field < 0) {
      // Chunked: the last chunk is empty.
      return length > end + END.length && indexOf(answer, length, END, length - END.length) >= 0;
    }
    int body = 0;
    for (int i = field + LENGTH.length; i < end && answer[i] != '\r'; i++) {
      body = answer[i] == ' ' ? body : body * 10 + answer[i] - '0';
    }
    return length >= end + END.length + body;
  }

  private static int indexOf(byte[] bytes, int length, byte[] wanted) {
    return indexOf(bytes, length, wanted, 0);
  }

  /** Letters compare without case. */
  private static int indexOf(byte[] bytes, int length, byte[] wanted, int from) {
    for (int start = from; start <= length - wanted.length; start++) {
      int i = 0;
      while (i < wanted.length && (bytes[start + i] | 32) == (wanted[i] | 32)) {
        i++;
      }
      if (i == wanted.length) {
        return start;
      }
    }
    return -1;
  }

  private static String text(byte[] bytes, int length) {
    return new String(bytes, 0, length, StandardCharsets.ISO_8859_1)
        .lines()
        .findFirst()
        .orElse("")
        .toLowerCase(Locale.ROOT);
  }

  @Override
  public void close() throws IOException {
    for (Connection connection : connections) {
      connection.channel.close();
    }
    selector.close();
  }
}
