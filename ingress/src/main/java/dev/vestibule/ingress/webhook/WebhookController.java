package dev.vestibule.ingress.webhook;

import dev.vestibule.ingress.signature.HeaderValues;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.ServerHttpRequest;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.PathVariable;
import io.micronaut.http.annotation.Post;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.io.InputStream;
import java.security.cert.X509Certificate;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The routes. Any content type, any {@code Accept}, with or without a body: whether a request is
 * welcome is for its signature to say.
 */
@Controller
@ExecuteOn(TaskExecutors.BLOCKING)
final class WebhookController {
  private static final String RECEIPT = "Vestibule-Receipt";

  private final Webhooks webhooks;

  WebhookController(Webhooks webhooks) {
    this.webhooks = webhooks;
  }

  @Post(uri = "/hooks/{source}", consumes = MediaType.ALL, produces = MediaType.ALL)
  CompletableFuture<HttpResponse<String>> webhook(
      HttpRequest<?> request, @PathVariable String source) {
    return handle(webhooks::accept, request, source, null);
  }

  @Post(uri = "/hooks/{source}/screen", consumes = MediaType.ALL, produces = MediaType.ALL)
  CompletableFuture<HttpResponse<String>> screen(
      HttpRequest<?> request, @PathVariable String source) {
    return handle(webhooks::screen, request, source, null);
  }

  @Post(uri = "/hooks/{source}/setup", consumes = MediaType.ALL, produces = MediaType.ALL)
  CompletableFuture<HttpResponse<String>> setUp(
      HttpRequest<?> request, @PathVariable String source) {
    return handle(
        asked -> CompletableFuture.completedFuture(webhooks.setUp(asked)), request, source, null);
  }

  @Post(uri = "/hooks/{sink}/interactions", consumes = MediaType.ALL, produces = MediaType.ALL)
  CompletableFuture<HttpResponse<String>> interaction(
      HttpRequest<?> request, @PathVariable String sink) {
    return handle(webhooks::interaction, request, sink, null);
  }

  @Post(uri = "/hooks/{source}/key/{pathKey}", consumes = MediaType.ALL, produces = MediaType.ALL)
  CompletableFuture<HttpResponse<String>> webhookWithKey(
      HttpRequest<?> request, @PathVariable String source, @PathVariable String pathKey) {
    return handle(webhooks::accept, request, source, pathKey);
  }

  private CompletableFuture<HttpResponse<String>> handle(
      Function<WebhookRequest, CompletableFuture<Answer>> route,
      HttpRequest<?> request,
      String source,
      @Nullable String pathKey) {
    AtomicBoolean opened = new AtomicBoolean();
    HeaderValues headers = request.getHeaders()::getAll;
    CompletableFuture<Answer> answer =
        route.apply(
            new WebhookRequest(
                source,
                pathKey,
                headers,
                request.getRemoteAddress().getAddress(),
                request.getCertificate().orElse(null) instanceof X509Certificate certificate
                    ? certificate
                    : null,
                request.getHeaders().contentLength().orElse(-1),
                () -> {
                  opened.set(true);
                  return body(request);
                }));
    // The sender waits for "100 Continue" and may or may not send the body now: nobody can tell
    // where the next request would start.
    boolean isLast = !opened.get() && !headers.all(HttpHeaders.EXPECT).isEmpty();
    return answer.thenApply(a -> {
      MutableHttpResponse<String> response = response(a);
      return isLast ? response.header(HttpHeaders.CONNECTION, "close") : response;
    });
  }

  private static InputStream body(HttpRequest<?> request) {
    return request instanceof ServerHttpRequest<?> served
        ? served.byteBody().toInputStream()
        : InputStream.nullInputStream();
  }

  private MutableHttpResponse<String> response(Answer answer) {
    MutableHttpResponse<String> response =
        HttpResponse.<String>status(HttpStatus.valueOf(answer.status()))
            .body(answer.body())
            .contentType(MediaType.APPLICATION_JSON_TYPE);
    if (answer.retryAfterSeconds() != null) {
      response.header(HttpHeaders.RETRY_AFTER, answer.retryAfterSeconds().toString());
    }
    if (answer.receipt() != null) {
      response.header(RECEIPT, answer.receipt().toString());
    }
    if (answer.written() != null) {
      response.header(Writes.HEADER, webhooks.writes().expect(answer.written()));
    }
    return response;
  }
}
