package dev.vestibule.ingress.decision.external;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A customer's service, on sockets, so that it can misbehave below HTTP, too. It computes
 * signatures by itself.
 */
public final class FakeService implements AutoCloseable {
  private static final String APPROVAL = "{\"outcome\":\"approve\"}";
  private static final int TOO_MUCH = HttpTransport.MAX_RESPONSE;
  private static final long DRIP_MILLIS = 20;

  /** What it does with a request. */
  public enum Mood {
    APPROVES,
    REVIEWS,
    REVIEWS_WITH_A_REASON,
    HANGS,
    HANGS_IN_THE_BODY,
    DRIPS,
    FAILS,
    SAYS_201,
    SAYS_404_APPROVE,
    REDIRECTS,
    SENDS_TOO_MUCH,
    SENDS_TOO_MUCH_IN_CHUNKS,
    SENDS_NO_JSON,
    SENDS_NOTHING,
    SENDS_AN_ARRAY,
    SAYS_SOMETHING_ELSE,
    SHOUTS,
    CONTRADICTS_ITSELF,
    GOES_ON_AFTERWARDS,
    SENDS_ANOTHER_ENCODING,
    CLOSES,
    CLOSES_IN_THE_BODY,
    SPEAKS_NO_HTTP
  }

  /**
   * A request.
   *
   * @param headers by lower-case name
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Request(String path, Map<String, String> headers, byte[] body) {
    public String header(String name) {
      return headers.getOrDefault(name, "");
    }

    public String text() {
      return new String(body, StandardCharsets.UTF_8);
    }

    /** Whether one of the signatures is that of the key. */
    public boolean isSignedWith(byte[] key) {
      try {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        mac.update(
            (header("webhook-id") + "." + header("webhook-timestamp") + ".")
                .getBytes(StandardCharsets.UTF_8));
        String expected = "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
        return Arrays.asList(header("webhook-signature").split(" ")).contains(expected);
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private final ServerSocket server;
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final List<Socket> open = new CopyOnWriteArrayList<>();
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger abandoned = new AtomicInteger();
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile Function<Integer, Mood> moods = _ -> Mood.APPROVES;

  public FakeService() {
    try {
      server = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::accept);
  }

  public URI url() {
    return URI.create("http://127.0.0.1:" + server.getLocalPort() + "/visitors");
  }

  public void be(Mood mood) {
    moods = _ -> mood;
  }

  /** By the number of the request, from 1. */
  void be(Function<Integer, Mood> other) {
    moods = other;
  }

  public List<Request> requests() {
    return requests;
  }

  int connections() {
    return connections.get();
  }

  /** Requests whose sender has gone without an answer. */
  public int abandoned() {
    return abandoned.get();
  }

  @Override
  public void close() {
    closed.countDown();
    try {
      server.close();
      for (Socket socket : open) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = server.accept();
        open.add(socket);
        connections.incrementAndGet();
        Thread.ofVirtual().start(() -> serve(socket));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      while (true) {
        Request request = read(in);
        requests.add(request);
        answer(moods.apply(requests.size()), in, socket);
      }
    } catch (IOException e) {
      // The other side has gone.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Request read(InputStream in) throws IOException {
    String first = line(in);
    Map<String, String> headers = new TreeMap<>();
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
    return new Request(first.split(" ")[1], headers, in.readNBytes(length));
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new IOException("closed");
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  private void answer(Mood mood, InputStream in, Socket socket)
      throws IOException, InterruptedException {
    OutputStream out = socket.getOutputStream();
    switch (mood) {
      case APPROVES -> send(out, "200 OK", APPROVAL);
      case REVIEWS -> send(out, "200 OK", "{\"outcome\":\"review\"}");
      case REVIEWS_WITH_A_REASON ->
          send(out, "200 OK", "{\"reason\":\"not on our list\",\"outcome\":\"review\"}");
      case HANGS -> hang(in);
      case HANGS_IN_THE_BODY -> {
        write(out, head("200 OK", APPROVAL.length() + 1) + APPROVAL);
        hang(in);
      }
      case DRIPS -> {
        write(out, head("200 OK", TOO_MUCH));
        while (!closed.await(DRIP_MILLIS, TimeUnit.MILLISECONDS)) {
          try {
            write(out, " ");
          } catch (IOException e) {
            abandoned.incrementAndGet();
            throw e;
          }
        }
      }
      case FAILS -> send(out, "500 Internal Server Error", APPROVAL);
      case SAYS_201 -> send(out, "201 Created", APPROVAL);
      case SAYS_404_APPROVE -> send(out, "404 Not Found", APPROVAL);
      case REDIRECTS ->
          write(
              out,
              "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 21\r\n\r\n"
                  + APPROVAL);
      case SENDS_TOO_MUCH -> send(out, "200 OK", APPROVAL + " ".repeat(TOO_MUCH));
      case SENDS_TOO_MUCH_IN_CHUNKS -> {
        write(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n15\r\n" + APPROVAL);
        while (true) {
          write(out, "\r\n400\r\n" + " ".repeat(1024));
        }
      }
      case SENDS_NO_JSON -> send(out, "200 OK", "<html>approve</html>");
      case SENDS_NOTHING -> send(out, "200 OK", "");
      case SENDS_AN_ARRAY -> send(out, "200 OK", "[" + APPROVAL + "]");
      case SAYS_SOMETHING_ELSE -> send(out, "200 OK", "{\"outcome\":\"approved\"}");
      case SHOUTS -> send(out, "200 OK", "{\"outcome\":\"APPROVE\"}");
      case CONTRADICTS_ITSELF ->
          send(out, "200 OK", "{\"outcome\":\"review\",\"outcome\":\"approve\"}");
      case GOES_ON_AFTERWARDS -> send(out, "200 OK", APPROVAL + "{\"outcome\":\"review\"}");
      case SENDS_ANOTHER_ENCODING -> {
        byte[] body = APPROVAL.getBytes(StandardCharsets.UTF_16LE);
        write(out, head("200 OK", body.length));
        out.write(body);
        out.flush();
      }
      case CLOSES -> socket.close();
      case CLOSES_IN_THE_BODY -> {
        write(out, head("200 OK", APPROVAL.length() + 1) + APPROVAL);
        socket.close();
      }
      case SPEAKS_NO_HTTP -> {
        write(out, "approve\r\n\r\n");
        socket.close();
      }
    }
  }

  private void hang(InputStream in) throws IOException {
    try {
      if (in.read() < 0 && closed.getCount() > 0) {
        abandoned.incrementAndGet();
      }
    } catch (IOException e) {
      abandoned.incrementAndGet();
      throw e;
    }
    throw new IOException("closed");
  }

  private static void send(OutputStream out, String status, String body) throws IOException {
    write(out, head(status, body.length()) + body);
  }

  private static String head(String status, int length) {
    return "HTTP/1.1 "
        + status
        + "\r\nContent-Type: application/json\r\nContent-Length: "
        + length
        + "\r\n\r\n";
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }
}
