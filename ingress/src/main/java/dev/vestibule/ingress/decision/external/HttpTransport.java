package dev.vestibule.ingress.decision.external;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Over HTTP/1.1, where every request has a connection of its own: a second try does not queue
 * behind what holds the first one up, and a connection that leads nowhere dies with its request.
 */
final class HttpTransport implements Transport {
  /** Longest response in bytes. */
  static final int MAX_RESPONSE = 64 * 1024;

  /** Few: nothing runs on them that waits, but for the look-up of a name. */
  private static final int THREADS = 4;

  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          THREADS, Thread.ofPlatform().daemon().name("external-", 0).factory());
  private final HttpClient client;

  HttpTransport(Duration connectTimeout) {
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(connectTimeout)
            .executor(threads)
            .build();
  }

  @Override
  public CompletableFuture<Answer> send(HttpRequest request) {
    AtomicBoolean begun = new AtomicBoolean();
    // What is derived from the client's future cancels the request, too.
    return client
        .sendAsync(
            request,
            BodyHandlers.limiting(
                head -> {
                  begun.set(true);
                  return HttpResponse.BodySubscribers.ofByteArray();
                },
                MAX_RESPONSE))
        .handle((response, failure) -> {
          if (failure != null) {
            return begun.get() ? Answer.MALFORMED : Answer.UNREACHABLE;
          }
          return Answer.read(response.statusCode(), response.body());
        });
  }

  @Override
  public void close() {
    client.shutdownNow();
    threads.shutdown();
  }
}
