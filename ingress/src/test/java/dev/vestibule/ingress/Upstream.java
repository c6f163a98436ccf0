package dev.vestibule.ingress;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/** Something behind a proxy that reads a request and then says what it was told to, or nothing. */
final class Upstream implements AutoCloseable {
  private final ServerSocket server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicInteger requests = new AtomicInteger();
  private final End end;
  private final byte[] answer;

  /** What follows the answer. */
  enum End {
    /** The connection stays open, and silent. */
    SILENCE,
    CLOSE,
    RESET
  }

  /**
   * @param answer everything it says, head and body
   */
  Upstream(String answer, End end) {
    this.answer = answer.getBytes(ISO_8859_1);
    this.end = end;
    try {
      this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    threads.execute(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  /** How many requests came in. */
  int requests() {
    return requests.get();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        threads.execute(() -> serve(socket));
      } catch (IOException | RejectedExecutionException e) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      readHead(socket.getInputStream());
      requests.incrementAndGet();
      socket.getOutputStream().write(answer);
      socket.getOutputStream().flush();
      if (end == End.RESET) {
        socket.setSoLinger(true, 0);
        return;
      }
      if (end == End.CLOSE) {
        socket.shutdownOutput();
      }
      // What is left unread would turn a close into a reset.
      socket.getInputStream().transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      // The proxy has given up, or the test is over.
    }
  }

  private static void readHead(InputStream in) throws IOException {
    int last = 0;
    while (last != 0x0D0A0D0A) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("no request");
      }
      last = last << 8 | next;
    }
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      threads.shutdownNow();
    }
  }
}
