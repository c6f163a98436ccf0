package dev.vestibule.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * Passes on to a port what comes on another, at once; and what comes back, after a delay that can
 * be changed at any time. A slow broker, as its clients see it: what they ask is done, and they
 * hear of it too late.
 */
final class SlowLine implements AutoCloseable {
  private static final long LOOK_AGAIN_NANOS = 10_000_000;

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Chunk(byte[] bytes, long sinceNanos) {}

  private final ServerSocket server;
  private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
  private volatile int target;
  private volatile long delayNanos;

  SlowLine() throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().name("slow-line").start(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  /** Where everything goes from now on. */
  void leadTo(int port) {
    target = port;
  }

  /** How long answers take from now on, also those that wait already. */
  void delay(Duration delay) {
    delayNanos = delay.toNanos();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = server.accept();
        sockets.add(client);
        Thread.ofVirtual().start(() -> connect(client));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void connect(Socket client) {
    try (client;
        Socket broker = new Socket(InetAddress.getLoopbackAddress(), target)) {
      sockets.add(broker);
      Thread asking = Thread.ofVirtual().start(() -> passOn(client, broker));
      BlockingQueue<Chunk> waiting = new LinkedBlockingQueue<>();
      Thread answering = Thread.ofVirtual().start(() -> answer(waiting, client));
      InputStream in = broker.getInputStream();
      byte[] buffer = new byte[64 * 1024];
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        waiting.add(new Chunk(Arrays.copyOf(buffer, count), System.nanoTime()));
      }
      answering.interrupt();
      asking.interrupt();
    } catch (IOException e) {
      // One of them has gone, and so does the other.
    }
  }

  private static void passOn(Socket from, Socket to) {
    try (from;
        to) {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      // One of them has gone, and so does the other.
    }
  }

  private void answer(BlockingQueue<Chunk> waiting, Socket client) {
    try (client) {
      OutputStream out = client.getOutputStream();
      while (true) {
        Chunk next = waiting.take();
        while (System.nanoTime() - next.sinceNanos < delayNanos) {
          LockSupport.parkNanos(LOOK_AGAIN_NANOS);
        }
        out.write(next.bytes);
      }
    } catch (IOException e) {
      // One of them has gone, and so does the other.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
