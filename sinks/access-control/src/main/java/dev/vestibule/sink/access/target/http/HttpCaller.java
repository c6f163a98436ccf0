package dev.vestibule.sink.access.target.http;

import dev.vestibule.sink.access.target.TargetException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Sends calls over kept connections. It follows no redirect, reads no more than 4 MiB of an answer,
 * and repeats nothing that changes anything.
 */
public final class HttpCaller implements Transport {
  private static final long MOST_BYTES = 4L << 20;

  private final HttpClient client;
  private final Timeouts timeouts;
  private final Turnstile turnstile;
  private final InstantSource clock;

  /**
   * @param tls what to trust and to show, or null for the public authorities
   */
  public HttpCaller(
      Timeouts timeouts, @Nullable SSLContext tls, Turnstile turnstile, InstantSource clock) {
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(timeouts.connect());
    this.client = (tls == null ? builder : builder.sslContext(tls)).build();
    this.timeouts = timeouts;
    this.turnstile = turnstile;
    this.clock = clock;
  }

  @Override
  public Answer send(Call call) throws TargetException, InterruptedException {
    turnstile.pass();
    return sendAtOnce(call);
  }

  @Override
  public Answer sendAtOnce(Call call) throws TargetException, InterruptedException {
    CompletableFuture<HttpResponse<byte[]>> coming =
        client.sendAsync(
            request(call), BodyHandlers.limiting(BodyHandlers.ofByteArray(), MOST_BYTES));
    try {
      HttpResponse<byte[]> answer = coming.get(timeouts.total().toMillis(), TimeUnit.MILLISECONDS);
      return Answer.of(call, answer.statusCode(), answer.headers(), answer.body(), clock.instant());
    } catch (TimeoutException e) {
      coming.cancel(true);
      throw Disturbance.lost(call, "had no answer within " + timeouts.total());
    } catch (InterruptedException e) {
      coming.cancel(true);
      throw e;
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      throw Disturbance.of(call, cause == null ? e : cause);
    }
  }

  private static HttpRequest request(Call call) {
    byte[] body = call.body();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(call.uri())
            .method(
                call.method(),
                body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
    call.headers().forEach(request::header);
    return request.build();
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
