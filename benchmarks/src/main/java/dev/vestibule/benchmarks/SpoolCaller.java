package dev.vestibule.benchmarks;

import dev.vestibule.standalone.simulator.Webhook;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * One connection that stays open and posts the same webhook again and again: as little work as
 * possible, since it shares the processors with what it measures.
 */
final class SpoolCaller implements AutoCloseable {
  private static final String LENGTH = "content-length: ";

  private final Socket socket;
  private final byte[] request;
  private final byte[] answer = new byte[4096];

  SpoolCaller(int port, String path, Webhook webhook) throws IOException {
    this.socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    StringBuilder head = new StringBuilder("POST " + path + " HTTP/1.1\r\nHost: localhost\r\n");
    webhook
        .headers()
        .forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    head.append("Content-Length: ").append(webhook.body().length).append("\r\n\r\n");
    byte[] start = head.toString().getBytes(StandardCharsets.US_ASCII);
    request = new byte[start.length + webhook.body().length];
    System.arraycopy(start, 0, request, 0, start.length);
    System.arraycopy(webhook.body(), 0, request, start.length, webhook.body().length);
  }

  /**
   * Returns when it was answered from the spool.
   *
   * @throws IOException when it was answered otherwise
   */
  void post() throws IOException {
    socket.getOutputStream().write(request);
    InputStream in = socket.getInputStream();
    int length = 0;
    String text = "";
    while (length == 0 || length < expected(text)) {
      int more = in.read(answer, length, answer.length - length);
      if (more < 0) {
        throw new EOFException("the ingress has hung up");
      }
      length += more;
      text = new String(answer, 0, length, StandardCharsets.ISO_8859_1);
    }
    if (!text.startsWith("HTTP/1.1 200") || !text.contains(": spool-")) {
      throw new IOException("not spooled: " + text);
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  /** How long the whole answer is, as far as its beginning tells. */
  private static int expected(String text) {
    int body = text.indexOf("\r\n\r\n");
    if (body < 0) {
      return Integer.MAX_VALUE;
    }
    String head = text.substring(0, body + 2).toLowerCase(Locale.ROOT);
    int length = head.indexOf(LENGTH) + LENGTH.length();
    return body + 4 + Integer.parseInt(head.substring(length, head.indexOf('\r', length)));
  }
}
