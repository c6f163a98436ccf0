package dev.vestibule.sink.access.target;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/** A vendor's server on a free port of this machine. One call at a time, all of them remembered. */
public abstract class FakeServer implements AutoCloseable {
  protected static final ObjectMapper JSON = new ObjectMapper();

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Deque<Fault> faults = new ArrayDeque<>();
  private final List<Request> requests = new ArrayList<>();
  private final HttpServer server;
  private final String scheme;
  private Predicate<Request> struck = this::changes;

  /** What came. */
  @SuppressWarnings("ArrayRecordComponent") // bytes as they came or go; never compared
  public record Request(
      String method, String path, Map<String, String> query, Headers headers, byte[] body) {
    public JsonNode json() {
      try {
        return JSON.readTree(body);
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }

    public boolean is(String wanted, String pattern) {
      return method.equals(wanted) && path.matches(pattern);
    }

    /** A parameter that must be there. */
    public String param(String name) {
      return Objects.requireNonNull(query.get(name), name);
    }

    /** The n-th part of the path, from 0. */
    public String part(int n) {
      return path.substring(1).split("/", -1)[n];
    }

    public String line() {
      return method + " " + path;
    }
  }

  /** What goes back. */
  @SuppressWarnings("ArrayRecordComponent") // bytes as they came or go; never compared
  public record Reply(int status, Map<String, String> headers, byte[] body) {
    public static Reply of(int status) {
      return new Reply(status, Map.of(), new byte[0]);
    }

    public static Reply of(int status, Object json) {
      try {
        return new Reply(
            status, Map.of("Content-Type", "application/json"), JSON.writeValueAsBytes(json));
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  protected FakeServer() {
    this(null, false);
  }

  /**
   * @param tls what it shows and trusts, or null for an open connection
   * @param asksForCertificate whether a client must show one
   */
  protected FakeServer(@Nullable SSLContext tls, boolean asksForCertificate) {
    try {
      InetSocketAddress anywhere = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
      if (tls == null) {
        server = HttpServer.create(anywhere, 0);
      } else {
        HttpsServer encrypted = HttpsServer.create(anywhere, 0);
        encrypted.setHttpsConfigurator(
            new HttpsConfigurator(tls) {
              @Override
              public void configure(HttpsParameters parameters) {
                SSLParameters mine = tls.getDefaultSSLParameters();
                mine.setNeedClientAuth(asksForCertificate);
                parameters.setSSLParameters(mine);
              }
            });
        server = encrypted;
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    scheme = tls == null ? "http" : "https";
    server.setExecutor(threads);
    server.createContext("/", this::serve);
    server.start();
  }

  /** Does what the vendor would. */
  protected abstract Reply answer(Request request);

  /** Whether a call may have an effect at the doors: those are what faults befall. */
  protected boolean changes(Request request) {
    return !request.method().equals("GET");
  }

  public final URI address() {
    return URI.create(scheme + "://127.0.0.1:" + server.getAddress().getPort());
  }

  /** Adds to what befalls the next calls, one fault for each. */
  public final synchronized void fail(Fault... next) {
    faults.addAll(List.of(next));
  }

  /** Lets faults befall other calls than those that change something. */
  public final synchronized void strike(Predicate<Request> which) {
    struck = which;
  }

  public final synchronized void heal() {
    faults.clear();
    struck = this::changes;
  }

  public final synchronized List<Request> requests() {
    return List.copyOf(requests);
  }

  /** How often a call came. */
  public final long count(String method, String pattern) {
    return requests().stream().filter(r -> r.is(method, pattern)).count();
  }

  public final synchronized void forgetRequests() {
    requests.clear();
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      Request request = read(exchange);
      Reply reply;
      Fault fault;
      synchronized (this) {
        requests.add(request);
        fault = struck.test(request) ? faults.poll() : null;
        reply = fault == null || fault.applied() ? answer(request) : Reply.of(500);
      }
      switch (fault) {
        case null -> write(exchange, reply);
        case Fault.Status status -> {
          if (status.retryAfter() != null) {
            exchange.getResponseHeaders().set("Retry-After", status.retryAfter());
          }
          write(exchange, Reply.of(status.code()));
        }
        case Fault.Silence _ -> await();
        case Fault.Hangup _ -> {}
      }
    }
  }

  private void await() {
    try {
      closing.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Request read(HttpExchange exchange) throws IOException {
    Map<String, String> query = new LinkedHashMap<>();
    String raw = exchange.getRequestURI().getRawQuery();
    if (raw != null) {
      for (String pair : raw.split("&")) {
        int equals = pair.indexOf('=');
        query.put(
            URLDecoder.decode(pair.substring(0, equals), StandardCharsets.UTF_8),
            URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
      }
    }
    return new Request(
        exchange.getRequestMethod(),
        exchange.getRequestURI().getPath(),
        query,
        exchange.getRequestHeaders(),
        exchange.getRequestBody().readAllBytes());
  }

  private static void write(HttpExchange exchange, Reply reply) throws IOException {
    reply.headers().forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
    boolean empty = reply.body().length == 0;
    exchange.sendResponseHeaders(reply.status(), empty ? -1 : reply.body().length);
    if (!empty) {
      exchange.getResponseBody().write(reply.body());
    }
  }

  @Override
  public final void close() {
    closing.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
