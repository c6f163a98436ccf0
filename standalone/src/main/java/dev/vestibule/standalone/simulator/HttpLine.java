package dev.vestibule.standalone.simulator;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A real network. Safe for several threads. */
public final class HttpLine implements Line, AutoCloseable {
  /** KyberAccess gives up after 30 s (documented), the others say nothing. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final HttpClient client;

  /** Trusts as the JVM does. */
  public HttpLine() {
    this(null);
  }

  /**
   * @param tls whom to trust; null for what the JVM trusts
   */
  public HttpLine(@Nullable SSLContext tls) {
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5));
    this.client = tls == null ? builder.build() : builder.sslContext(tls).build();
  }

  @Override
  public Answer send(URI url, Webhook webhook) throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(url)
            .timeout(PATIENCE)
            .POST(BodyPublishers.ofByteArray(webhook.body()));
    webhook.headers().forEach(request::header);
    long start = System.nanoTime();
    HttpResponse<Void> response = client.send(request.build(), BodyHandlers.discarding());
    Duration latency = Duration.ofNanos(System.nanoTime() - start);
    return new Answer(
        response.statusCode(),
        response.headers().firstValue("Vestibule-Receipt").orElse(null),
        latency);
  }

  @Override
  public void close() {
    client.close();
  }
}
