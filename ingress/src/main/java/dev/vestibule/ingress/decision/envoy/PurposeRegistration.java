package dev.vestibule.ingress.decision.envoy;

import dev.vestibule.config.PluginConfig;
import dev.vestibule.ingress.decision.envoy.TokenCache.Asked;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Registers at Envoy that an installation's visitors wait for us, once in a set-up call. Blocks for
 * a few seconds at most: whoever sets the app up waits for the outcome, and repeats it by hand.
 *
 * <p>Too many requests, faults of Envoy's and lost connections are asked again with growing pauses
 * as long as there is time; a refused token is replaced once. Redirects are not followed.
 */
public final class PurposeRegistration implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PurposeRegistration.class);
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(1);
  private static final long MAX_ANSWER_BYTES = 64 * 1024;
  private static final int UNAUTHORIZED = 401;

  /** Answers to a request for a token that are about who asks (RFC 6749, 5.2). */
  private static final Set<Integer> CREDENTIALS = Set.of(400, UNAUTHORIZED, 403);

  private static final int TOO_MANY = 429;

  private final Patience patience;
  private final InstantSource clock;
  private final Random random;

  /** By configuration, so that a changed secret begins without a token. */
  private final Map<PluginConfig, TokenCache> tokens = new ConcurrentHashMap<>();

  /** Made for the first request: it reads all trusted roots, which most never need. */
  private @Nullable HttpClient client;

  /**
   * @param random spreads repeated requests
   */
  public PurposeRegistration(InstantSource clock, Random random) {
    this(Patience.DEFAULT, clock, random);
  }

  PurposeRegistration(Patience patience, InstantSource clock, Random random) {
    this.patience = patience;
    this.clock = clock;
    this.random = random;
  }

  /**
   * Registers an installation.
   *
   * @param installId as the set-up call has it, or null
   */
  public Registration register(String source, PluginConfig plugin, @Nullable String installId) {
    if (installId == null || !EnvoyRequests.isInstallId(installId)) {
      return failed(source, Registration.NO_INSTALLATION, "installation");
    }
    long end = end();
    TokenCache cache = tokens(source, plugin, installId);
    for (int attempt = 1; attempt <= 2; attempt++) {
      AccessToken token;
      switch (await(source, cache.get(), end)) {
        case Asked.Failed(Registration registration) -> {
          return registration;
        }
        case Asked.Granted(AccessToken granted) -> token = granted;
      }
      HttpResponse<?> answer = ask(EnvoyRequests.purpose(plugin, installId, token), end);
      if (answer == null) {
        return failed(source, Registration.UNAVAILABLE, "purpose");
      }
      if (isSuccess(answer)) {
        return Registration.REGISTERED;
      }
      if (answer.statusCode() != UNAUTHORIZED) {
        return failed(source, Registration.REFUSED, "purpose " + answer.statusCode());
      }
      cache.drop(token);
    }
    return failed(source, Registration.REFUSED, "purpose " + UNAUTHORIZED);
  }

  private long end() {
    return System.nanoTime() + patience.within().toNanos();
  }

  private TokenCache tokens(String source, PluginConfig plugin, String installId) {
    return switch (plugin.grant()) {
      case CLIENT_CREDENTIALS ->
          tokens.computeIfAbsent(
              plugin, known -> new TokenCache(() -> token(source, known, installId), clock));
      case PLUGIN_INSTALL -> new TokenCache(() -> token(source, plugin, installId), clock);
    };
  }

  private Asked token(String source, PluginConfig plugin, String installId) {
    Instant now = clock.instant();
    HttpResponse<byte[]> answer = ask(EnvoyRequests.token(plugin, installId), end());
    if (answer == null) {
      return new Asked.Failed(failed(source, Registration.UNAVAILABLE, "token"));
    }
    if (!isSuccess(answer)) {
      Registration registration =
          CREDENTIALS.contains(answer.statusCode())
              ? Registration.CREDENTIALS_REFUSED
              : Registration.REFUSED;
      return new Asked.Failed(failed(source, registration, "token " + answer.statusCode()));
    }
    AccessToken token = AccessToken.read(answer.body(), now);
    return token == null
        ? new Asked.Failed(failed(source, Registration.UNAVAILABLE, "token unreadable"))
        : new Asked.Granted(token);
  }

  private static Asked await(String source, CompletableFuture<Asked> asked, long end) {
    try {
      return asked.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException | ExecutionException e) {
      return new Asked.Failed(failed(source, Registration.UNAVAILABLE, "token"));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Asked.Failed(Registration.UNAVAILABLE);
    }
  }

  /** The first answer that another attempt would not change; null when there is none in time. */
  private @Nullable HttpResponse<byte[]> ask(HttpRequest request, long end) {
    Duration pause = patience.pause();
    while (true) {
      HttpResponse<byte[]> answer = once(request, end);
      if (answer != null && answer.statusCode() != TOO_MANY && answer.statusCode() < 500) {
        return answer;
      }
      long nanos = Math.max(spread(pause), answer == null ? 0 : retryAfter(answer).toNanos());
      if (nanos >= end - System.nanoTime() || !slept(nanos)) {
        return null;
      }
      pause = pause.multipliedBy(2);
    }
  }

  private @Nullable HttpResponse<byte[]> once(HttpRequest request, long end) {
    long nanos = Math.min(patience.each().toNanos(), end - System.nanoTime());
    CompletableFuture<HttpResponse<byte[]>> answer =
        client()
            .sendAsync(
                request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_ANSWER_BYTES));
    try {
      return answer.get(Math.max(0, nanos), TimeUnit.NANOSECONDS);
    } catch (ExecutionException | TimeoutException e) {
      // Messages of the client may quote a header, so only what kind of failure it is is told.
      LOG.atDebug()
          .addKeyValue("error", e.getCause() == null ? e.getClass() : e.getCause().getClass())
          .log("Envoy did not answer");
      return null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    } finally {
      answer.cancel(true);
    }
  }

  private long spread(Duration pause) {
    long half = pause.toNanos() / 2;
    return half + random.nextLong(half + 1);
  }

  /** In seconds only: a date would hang on two clocks. */
  private static Duration retryAfter(HttpResponse<?> answer) {
    String text = answer.headers().firstValue("Retry-After").orElse("");
    return text.matches("\\d{1,6}") ? Duration.ofSeconds(Long.parseLong(text)) : Duration.ZERO;
  }

  private static boolean slept(long nanos) {
    try {
      Thread.sleep(Duration.ofNanos(nanos));
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static boolean isSuccess(HttpResponse<?> answer) {
    return answer.statusCode() / 100 == 2;
  }

  private static Registration failed(String source, Registration registration, String at) {
    LOG.atWarn()
        .addKeyValue("source", source)
        .addKeyValue("reason", registration.tag())
        .addKeyValue("at", at)
        .log("purpose not registered at Envoy");
    return registration;
  }

  private synchronized HttpClient client() {
    if (client == null) {
      client =
          HttpClient.newBuilder()
              .version(HttpClient.Version.HTTP_1_1)
              .connectTimeout(CONNECT_TIMEOUT)
              .followRedirects(HttpClient.Redirect.NEVER)
              .build();
    }
    return client;
  }

  /** Gives up what is under way. */
  @Override
  public void close() {
    HttpClient made;
    synchronized (this) {
      made = client;
    }
    if (made != null) {
      made.shutdownNow();
    }
  }
}
