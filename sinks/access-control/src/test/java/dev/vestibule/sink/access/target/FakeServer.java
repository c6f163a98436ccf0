package dev.vestibule.sink.access.target;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.vestibule.sink.access.target.http.Answer;
import dev.vestibule.sink.access.target.http.Call;
import dev.vestibule.sink.access.target.http.Disturbance;
import dev.vestibule.sink.access.target.http.Transport;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
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

/**
 * A vendor's server, on a free port of this machine once somebody asks for its address, or inside
 * this process. One call at a time, all of them remembered.
 */
public abstract class FakeServer implements AutoCloseable {
  protected static final ObjectMapper JSON = new ObjectMapper();

  private final CountDownLatch closing = new CountDownLatch(1);
  private final Deque<Fault> faults = new ArrayDeque<>();
  private final List<Request> requests = new ArrayList<>();
  private final @Nullable SSLContext tls;
  private final boolean asksForCertificate;
  private @Nullable Listening listening;
  private Predicate<Request> struck = this::changes;

  private record Listening(HttpServer server, ExecutorService threads) {}

  private record Taken(Reply reply, @Nullable Fault fault) {}

  /** What came. */
  @SuppressWarnings("ArrayRecordComponent") // bytes as they came or go; never compared
  public record Request(
      String method, String path, Map<String, String> query, Headers headers, byte[] body) {

    static Request of(String method, URI uri, Headers headers, byte[] body) {
      Map<String, String> query = new LinkedHashMap<>();
      String raw = uri.getRawQuery();
      if (raw != null) {
        for (String pair : raw.split("&")) {
          int equals = pair.indexOf('=');
          query.put(
              URLDecoder.decode(pair.substring(0, equals), StandardCharsets.UTF_8),
              URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
        }
      }
      return new Request(method, uri.getPath(), query, headers, body);
    }

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
    this.tls = tls;
    this.asksForCertificate = asksForCertificate;
  }

  private Listening listen() {
    HttpServer server;
    try {
      InetSocketAddress anywhere = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
      SSLContext shown = tls;
      if (shown == null) {
        server = HttpServer.create(anywhere, 0);
      } else {
        HttpsServer encrypted = HttpsServer.create(anywhere, 0);
        encrypted.setHttpsConfigurator(
            new HttpsConfigurator(shown) {
              @Override
              public void configure(HttpsParameters parameters) {
                SSLParameters mine = shown.getDefaultSSLParameters();
                mine.setNeedClientAuth(asksForCertificate);
                parameters.setSSLParameters(mine);
              }
            });
        server = encrypted;
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    server.setExecutor(threads);
    server.createContext("/", this::serve);
    server.start();
    return new Listening(server, threads);
  }

  /** Does what the vendor would. */
  protected abstract Reply answer(Request request);

  /** Whether a call may have an effect at the doors: those are what faults befall. */
  protected boolean changes(Request request) {
    return !request.method().equals("GET");
  }

  /** Where it listens; from the first call on it does. */
  public final synchronized URI address() {
    Listening now = listening;
    if (now == null) {
      now = listen();
      listening = now;
    }
    String scheme = tls == null ? "http" : "https";
    return URI.create(scheme + "://127.0.0.1:" + now.server.getAddress().getPort());
  }

  /**
   * A way here without a network, on which nobody waits: silence is at once what it would be in the
   * end.
   */
  public final Transport wire(InstantSource clock) {
    return call -> {
      byte[] body = call.body();
      Headers headers = new Headers();
      call.headers().forEach(headers::set);
      Taken taken =
          take(Request.of(call.method(), call.uri(), headers, body == null ? new byte[0] : body));
      return switch (taken.fault) {
        case null -> answer(call, taken.reply, clock);
        case Fault.Pass _, Fault.Twice _ -> answer(call, taken.reply, clock);
        case Fault.Status status ->
            answer(
                call,
                new Reply(
                    status.code(),
                    status.retryAfter() == null
                        ? Map.of()
                        : Map.of("Retry-After", status.retryAfter()),
                    new byte[0]),
                clock);
        case Fault.Silence _ -> throw Disturbance.lost(call, "had no answer");
        case Fault.Hangup _ -> throw Disturbance.of(call, new EOFException());
      };
    };
  }

  private static Answer answer(Call call, Reply reply, InstantSource clock) {
    Map<String, List<String>> headers = new LinkedHashMap<>();
    reply.headers().forEach((name, value) -> headers.put(name, List.of(value)));
    return Answer.of(
        call,
        reply.status(),
        HttpHeaders.of(headers, (name, value) -> true),
        reply.body(),
        clock.instant());
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
      Taken taken =
          take(
              Request.of(
                  exchange.getRequestMethod(),
                  exchange.getRequestURI(),
                  exchange.getRequestHeaders(),
                  exchange.getRequestBody().readAllBytes()));
      switch (taken.fault) {
        case null -> write(exchange, taken.reply);
        case Fault.Pass _, Fault.Twice _ -> write(exchange, taken.reply);
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

  private synchronized Taken take(Request request) {
    requests.add(request);
    Fault fault = struck.test(request) ? faults.poll() : null;
    if (fault instanceof Fault.Twice) {
      answer(request);
    }
    return new Taken(fault == null || fault.applied() ? answer(request) : Reply.of(500), fault);
  }

  private void await() {
    try {
      closing.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
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
    Listening now;
    synchronized (this) {
      now = listening;
    }
    if (now != null) {
      now.server.stop(0);
      now.threads.shutdownNow();
    }
  }
}
