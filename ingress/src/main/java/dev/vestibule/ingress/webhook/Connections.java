package dev.vestibule.ingress.webhook;

import io.netty.channel.Channel;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The open connections, within a bound. When there is one too many, the one that has let us wait
 * for the longest is closed: idle, or still sending its request. One that we owe an answer is never
 * closed for another, so that whoever opens thousands of connections shuts nobody out.
 */
final class Connections {
  private final int max;
  private final IngressMetrics metrics;

  /** Those that we owe nothing, the longest first. */
  private final Set<Channel> waitedFor = new LinkedHashSet<>();

  private int open;

  Connections(int max, IngressMetrics metrics) {
    this.max = max;
    this.metrics = metrics;
    metrics.watchConnections(this::open);
  }

  private synchronized int open() {
    return open;
  }

  /** A new connection, which may be closed at once. */
  Connection opened(Channel channel) {
    Channel surplus = add(channel);
    var _ = channel.closeFuture().addListener(_ -> remove(channel));
    if (surplus != null) {
      metrics.connectionCut("max_connections");
      surplus
          .eventLoop()
          .execute(() -> {
            var _ = surplus.close();
          });
    }
    return new Connection(channel);
  }

  private synchronized @Nullable Channel add(Channel channel) {
    waitedFor.add(channel);
    if (++open <= max) {
      return null;
    }
    Iterator<Channel> longest = waitedFor.iterator();
    Channel surplus = longest.next();
    // It is asked to go, once.
    longest.remove();
    return surplus;
  }

  private synchronized void remove(Channel channel) {
    waitedFor.remove(channel);
    open--;
  }

  private synchronized void owes(Channel channel) {
    waitedFor.remove(channel);
  }

  private synchronized void waits(Channel channel) {
    if (channel.isOpen()) {
      waitedFor.add(channel);
    }
  }

  /** One of them; for its event loop alone. */
  final class Connection {
    private final Channel channel;
    private int owed;

    private Connection(Channel channel) {
      this.channel = channel;
    }

    /** A request has arrived as a whole. */
    void owe() {
      if (owed++ == 0) {
        owes(channel);
      }
    }

    /** So many requests are answered, or cannot be any more. */
    void settle(long count) {
      if (count > 0) {
        owed -= (int) count;
        if (owed == 0) {
          waits(channel);
        }
      }
    }

    /** It is closed because of what it sends. */
    void cut(String reason) {
      metrics.connectionCut(reason);
    }
  }
}
