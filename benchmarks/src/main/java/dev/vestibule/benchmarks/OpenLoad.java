package dev.vestibule.benchmarks;

import java.io.EOFException;
import java.io.IOException;
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
import java.util.Deque;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Senders that do not care whether the server keeps up: requests are due at a steady rate, over
 * connections that stay open, from one thread. Time counts from when a request was due.
 */
final class OpenLoad implements AutoCloseable {
  private static final long PATIENCE_MILLIS = 10_000;
  private static final String LENGTH = "\r\ncontent-length:";
  private static final String RECEIPT = "\r\nvestibule-receipt:";

  private final Selector selector = Selector.open();
  private final Deque<Connection> idle = new ArrayDeque<>();
  private final Requests requests;
  private long next;

  /** What is sent: head and body of the request with a number. */
  interface Requests {
    byte[] of(long number);
  }

  /** Who looks at the answers. */
  interface Answers {
    /**
     * @param receipt or null
     */
    void answered(long number, int status, @Nullable String receipt, long nanos);
  }

  private static final class Connection {
    final SocketChannel channel;
    final ByteBuffer answer = ByteBuffer.allocate(4096);
    long number;
    long due;

    Connection(SocketChannel channel) {
      this.channel = channel;
    }
  }

  OpenLoad(int port, int connections, Requests requests) throws IOException {
    this.requests = requests;
    for (int i = 0; i < connections; i++) {
      SocketChannel channel =
          SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.configureBlocking(false);
      Connection connection = new Connection(channel);
      channel.register(selector, SelectionKey.OP_READ, connection);
      idle.add(connection);
    }
  }

  /**
   * Returns when all that was sent is answered. What was due and found no free connection before
   * the end is not sent at all.
   *
   * @return how many were sent
   * @throws IOException when the server hangs up or falls silent
   */
  long run(int perSecond, Duration length, Answers answers) throws IOException {
    int connections = idle.size();
    long start = System.nanoTime();
    long count = perSecond * length.toMillis() / 1000;
    long sent = 0;
    long lastAnswer = start;
    while (true) {
      long now = System.nanoTime();
      boolean over = now - start > length.toNanos() || sent == count;
      if (over && idle.size() == connections) {
        return sent;
      }
      while (!over && sent < count && !idle.isEmpty()) {
        long due = start + sent * 1_000_000_000L / perSecond;
        if (due > now) {
          break;
        }
        send(idle.remove(), due);
        sent++;
      }
      // A selector cannot wait for less; what this makes late counts.
      selector.select(1);
      now = System.nanoTime();
      for (SelectionKey key : selector.selectedKeys()) {
        Connection connection = (Connection) key.attachment();
        if (read(connection, answers)) {
          idle.add(connection);
        }
        lastAnswer = now;
      }
      selector.selectedKeys().clear();
      if (idle.size() < connections && now - lastAnswer > PATIENCE_MILLIS * 1_000_000) {
        throw new IOException("no answer for " + PATIENCE_MILLIS + " ms");
      }
    }
  }

  private void send(Connection connection, long due) throws IOException {
    connection.due = due;
    connection.number = next++;
    connection.answer.clear();
    ByteBuffer request = ByteBuffer.wrap(requests.of(connection.number));
    while (request.hasRemaining()) {
      connection.channel.write(request);
    }
  }

  /** Whether the answer is there as a whole. */
  private static boolean read(Connection connection, Answers answers) throws IOException {
    if (connection.channel.read(connection.answer) < 0) {
      throw new EOFException("the server has hung up");
    }
    String text =
        new String(
            connection.answer.array(),
            0,
            connection.answer.position(),
            StandardCharsets.ISO_8859_1);
    int end = text.indexOf("\r\n\r\n");
    if (end < 0) {
      return false;
    }
    String head = text.substring(0, end + 2);
    String length = field(head, LENGTH);
    if (length == null || text.length() < end + 4 + Integer.parseInt(length)) {
      return false;
    }
    int space = head.indexOf(' ');
    answers.answered(
        connection.number,
        Integer.parseInt(head.substring(space + 1, space + 4)),
        field(head, RECEIPT),
        System.nanoTime() - connection.due);
    return true;
  }

  private static @Nullable String field(String head, String name) {
    int at = head.toLowerCase(Locale.ROOT).indexOf(name);
    int value = at + name.length();
    return at < 0 ? null : head.substring(value, head.indexOf('\r', value)).strip();
  }

  @Override
  public void close() throws IOException {
    for (SelectionKey key : selector.keys()) {
      key.channel().close();
    }
    selector.close();
  }
}
