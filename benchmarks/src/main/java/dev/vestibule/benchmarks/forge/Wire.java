package dev.vestibule.benchmarks.forge;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Sends requests byte by byte as they are, also those that no HTTP client would agree to send. */
final class Wire implements AutoCloseable {
  /** The server broke the connection without an answer, which is a refusal. */
  private static final int NO_ANSWER = 0;

  private static final int TIMEOUT_MS = 10_000;

  private final int port;
  private @Nullable Socket socket;

  Wire(int port) {
    this.port = port;
  }

  /** Whether it would still be one request. */
  static boolean canCarry(Forgery request) {
    return request.headers.stream()
        .allMatch(header -> (header.name() + header.value()).chars().noneMatch(Wire::endsLine));
  }

  private static boolean endsLine(int c) {
    return c == '\r' || c == '\n';
  }

  /** The status of the answer; {@value #NO_ANSWER} when there was none. */
  int send(Forgery request) throws IOException {
    try {
      return exchange(connection(), request);
    } catch (EOFException | SocketException e) {
      close();
      return NO_ANSWER;
    }
  }

  private Socket connection() throws IOException {
    if (socket == null) {
      socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setSoTimeout(TIMEOUT_MS);
      socket.setTcpNoDelay(true);
    }
    return socket;
  }

  private int exchange(Socket connection, Forgery request) throws IOException {
    connection.getOutputStream().write(bytes(request));
    InputStream in = new BufferedInputStream(connection.getInputStream());
    int status = Integer.parseInt(line(in).split(" ")[1]);
    int length = 0;
    boolean close = false;
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      String header = line.toLowerCase(Locale.ROOT);
      if (header.startsWith("content-length:")) {
        length = Integer.parseInt(header.substring("content-length:".length()).strip());
      }
      close |= header.startsWith("connection:") && header.contains("close");
    }
    in.readNBytes(length);
    if (close) {
      close();
    }
    return status;
  }

  private static byte[] bytes(Forgery request) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(request.body.length + 1024);
    StringBuilder head = new StringBuilder("POST /hooks/").append(request.source);
    if (request.pathKey != null) {
      head.append("/key/")
          .append(URLEncoder.encode(request.pathKey, StandardCharsets.UTF_8).replace("+", "%20"));
    }
    head.append(" HTTP/1.1\r\nHost: localhost\r\n");
    request.headers.forEach(
        header -> head.append(header.name()).append(": ").append(header.value()).append("\r\n"));
    head.append("Content-Length: ").append(request.body.length).append("\r\n\r\n");
    bytes.writeBytes(head.toString().getBytes(StandardCharsets.ISO_8859_1));
    bytes.writeBytes(request.body);
    return bytes.toByteArray();
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException();
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    if (socket != null) {
      socket.close();
      socket = null;
    }
  }
}
