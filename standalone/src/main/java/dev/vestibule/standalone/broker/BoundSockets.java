package dev.vestibule.standalone.broker;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.server.ServerSocketFactory;

/**
 * Server sockets that are bound before the broker starts and handed to it by listener name. So a
 * taken port is found before anything runs, and a free port cannot be lost between finding and
 * using it.
 */
final class BoundSockets implements ServerSocketFactory, AutoCloseable {
  private static final int BACKLOG = 128;

  private final Map<String, ServerSocketChannel> channels = new LinkedHashMap<>();

  /**
   * Binds a listener to loopback.
   *
   * @param port 0 for any free one
   * @return the port
   * @throws PortTakenException when somebody else listens there
   */
  int bind(String listener, int port) throws IOException {
    ServerSocketChannel channel = ServerSocketChannel.open();
    try {
      channel.configureBlocking(false);
      channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      channel.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), BACKLOG);
    } catch (BindException e) {
      channel.close();
      throw new PortTakenException(port);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
    channels.put(listener, channel);
    return channel.socket().getLocalPort();
  }

  /** The socket bound for the listener; the broker closes it. */
  @Override
  public ServerSocketChannel openServerSocket(
      String listener, InetSocketAddress address, int backlog, int receiveBufferSize)
      throws IOException {
    ServerSocketChannel channel = channels.get(listener);
    if (channel == null || channel.socket().getLocalPort() != address.getPort()) {
      throw new IOException("no socket was bound for listener " + listener + " at " + address);
    }
    return channel;
  }

  @Override
  public void close() throws IOException {
    for (ServerSocketChannel channel : channels.values()) {
      channel.close();
    }
  }
}
