package dev.vestibule.sink.access.target.webhook;

import dev.vestibule.sink.access.target.TargetException;
import dev.vestibule.sink.access.target.TargetException.Kind;
import dev.vestibule.sink.access.target.http.Answer;
import dev.vestibule.sink.access.target.http.Call;
import dev.vestibule.sink.access.target.http.Disturbance;
import dev.vestibule.sink.access.target.http.Timeouts;
import dev.vestibule.sink.access.target.http.Transport;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.http.HttpHeaders;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.HttpsURLConnection;
import org.jspecify.annotations.Nullable;

/**
 * Posts to an address that somebody else chose: the address really connected to is checked, which
 * only sockets of our own can do, hence the older of the JDK's clients. No redirects, no proxy, no
 * repeats.
 */
final class GuardedPost implements Transport {
  private static final int MOST_BYTES = 64 << 10;

  private final GuardedSockets sockets;
  private final Timeouts timeouts;
  private final InstantSource clock;

  GuardedPost(GuardedSockets sockets, Timeouts timeouts, InstantSource clock) {
    this.sockets = sockets;
    this.timeouts = timeouts;
    this.clock = clock;
  }

  @Override
  public Answer sendAtOnce(Call call) throws TargetException, InterruptedException {
    Exchange exchange = new Exchange(call);
    FutureTask<Answer> task = new FutureTask<>(exchange::run);
    Thread.ofVirtual().name("webhook").start(task);
    try {
      return task.get(timeouts.total().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      // Closes the socket too: that is what an interrupt does to a virtual thread's.
      task.cancel(true);
      throw exchange.failed("had no answer within " + timeouts.total());
    } catch (InterruptedException e) {
      task.cancel(true);
      throw e;
    } catch (ExecutionException e) {
      throw exchange.failed(e.getCause());
    }
  }

  private final class Exchange {
    private final Call call;
    private volatile boolean connected;

    Exchange(Call call) {
      this.call = call;
    }

    Answer run() throws IOException {
      HttpURLConnection connection =
          (HttpURLConnection) call.uri().toURL().openConnection(Proxy.NO_PROXY);
      byte[] body = Objects.requireNonNull(call.body());
      // Without TLS it is an address of this machine, and needs no guard.
      if (connection instanceof HttpsURLConnection secure) {
        secure.setSSLSocketFactory(sockets);
      }
      connection.setConnectTimeout((int) timeouts.connect().toMillis());
      connection.setReadTimeout((int) timeouts.total().toMillis());
      connection.setInstanceFollowRedirects(false);
      connection.setUseCaches(false);
      connection.setDoOutput(true);
      connection.setRequestMethod("POST");
      // Of a known length nothing is kept to be sent a second time.
      connection.setFixedLengthStreamingMode(body.length);
      call.headers().forEach(connection::setRequestProperty);
      connection.connect();
      connected = true;
      try (OutputStream out = connection.getOutputStream()) {
        out.write(body);
      }
      int status = connection.getResponseCode();
      drain(connection);
      return Answer.of(call, status, headers(connection), new byte[0], clock.instant());
    }

    TargetException failed(@Nullable Throwable cause) {
      if (cause instanceof GuardedSockets.Forbidden) {
        return new TargetException(
            Kind.AUTH,
            call.name()
                + " would reach an address inside, which is not allowed; name its host among the"
                + " allowed ones if it is meant");
      }
      return connected || cause == null
          ? Disturbance.of(call, cause == null ? new IOException() : cause)
          : neverSent(cause);
    }

    TargetException failed(String what) {
      return connected
          ? Disturbance.lost(call, what)
          : new TargetException(Kind.RETRY, call.name() + " " + what);
    }

    private TargetException neverSent(Throwable cause) {
      TargetException failure = Disturbance.of(call, cause);
      return failure.kind() == Kind.AMBIGUOUS
          ? new TargetException(
              Kind.RETRY,
              call.name() + " got no connection (" + cause.getClass().getSimpleName() + ")")
          : failure;
    }
  }

  /** A connection is kept only when its answer was read; the answer itself says nothing to us. */
  private static void drain(HttpURLConnection connection) throws IOException {
    try (InputStream body =
        connection.getResponseCode() < HttpURLConnection.HTTP_BAD_REQUEST
            ? connection.getInputStream()
            : connection.getErrorStream()) {
      if (body != null && body.readNBytes(MOST_BYTES).length == MOST_BYTES) {
        connection.disconnect();
      }
    }
  }

  private static HttpHeaders headers(HttpURLConnection connection) {
    Map<String, List<String>> named = new TreeMap<>();
    connection
        .getHeaderFields()
        .forEach((name, values) -> {
          if (name != null) {
            named.put(name, values);
          }
        });
    return HttpHeaders.of(named, (name, value) -> true);
  }
}
