package dev.vestibule.sink.access.target.brivo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vestibule.sink.access.target.TargetException;
import dev.vestibule.sink.access.target.TargetException.Kind;
import dev.vestibule.sink.access.target.http.Answer;
import dev.vestibule.sink.access.target.http.Call;
import dev.vestibule.sink.access.target.http.Transport;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The access token, which lives for five minutes: fetched by one caller for all, a minute before it
 * ends or when it was refused.
 */
final class BrivoTokens {
  private static final Duration AHEAD = Duration.ofMinutes(1);
  private static final Duration AFTER_REFUSAL = Duration.ofSeconds(10);

  private final Transport wire;
  private final InstantSource clock;
  private final URI uri;
  private final Map<String, String> headers;
  private final BrivoLogin login;
  private final ReentrantLock lock = new ReentrantLock();

  private @Nullable Token current;
  private @Nullable String refreshToken;
  private @Nullable TargetException refusal;
  private Instant refusedUntil = Instant.MIN;

  BrivoTokens(BrivoSettings settings, Transport wire, InstantSource clock) {
    String basic = settings.clientId() + ":" + settings.clientSecret().reveal();
    this.wire = wire;
    this.clock = clock;
    this.uri = URI.create(settings.authUri() + "/oauth/token");
    this.headers =
        Map.of(
            "Authorization",
            "Basic " + Base64.getEncoder().encodeToString(basic.getBytes(StandardCharsets.UTF_8)),
            "api-key",
            settings.apiKey().reveal(),
            "Content-Type",
            "application/x-www-form-urlencoded");
    this.login = settings.login();
    this.refreshToken =
        login instanceof BrivoLogin.RefreshToken given ? given.token().reveal() : null;
  }

  private record Token(String value, Instant freshUntil) {
    @Override
    public String toString() {
      return "Token[redacted]";
    }
  }

  /** A token that is good for a while. */
  String token() throws TargetException, InterruptedException {
    lock.lockInterruptibly();
    try {
      Token token = current;
      return token != null && clock.instant().isBefore(token.freshUntil) ? token.value : fetch();
    } finally {
      lock.unlock();
    }
  }

  /** Another token than one that was refused, unless somebody has fetched it meanwhile. */
  String insteadOf(String refused) throws TargetException, InterruptedException {
    lock.lockInterruptibly();
    try {
      Token token = current;
      return token != null && !token.value.equals(refused) ? token.value : fetch();
    } finally {
      lock.unlock();
    }
  }

  /** All who wait are told of a refusal, and nobody knocks again at once: that locks accounts. */
  private String fetch() throws TargetException, InterruptedException {
    TargetException last = refusal;
    if (last != null && clock.instant().isBefore(refusedUntil)) {
      throw new TargetException(last.kind(), String.valueOf(last.getMessage()));
    }
    Answer answer = refreshed();
    if (answer == null) {
      answer = send(loginForm());
    }
    if (!answer.good()) {
      throw failure(answer);
    }
    JsonNode body = answer.json();
    String value = body.path("access_token").asText();
    if (value.isEmpty()) {
      throw answer.failure(Kind.RETRY, "came without a token");
    }
    if (body.hasNonNull("refresh_token")) {
      refreshToken = body.path("refresh_token").asText();
    }
    Duration life = Duration.ofSeconds(body.path("expires_in").asLong());
    Duration ahead = life.dividedBy(2).compareTo(AHEAD) < 0 ? life.dividedBy(2) : AHEAD;
    current = new Token(value, clock.instant().plus(life).minus(ahead));
    refusal = null;
    return value;
  }

  /** Null where there is nothing to refresh with, or it is spent and there is a password. */
  private @Nullable Answer refreshed() throws TargetException, InterruptedException {
    String token = refreshToken;
    if (token == null) {
      return null;
    }
    Answer answer = send("grant_type=refresh_token&refresh_token=" + encoded(token));
    boolean spent = answer.status() == 400 || answer.status() == 401;
    if (spent && login instanceof BrivoLogin.Password) {
      refreshToken = null;
      return null;
    }
    return answer;
  }

  private String loginForm() {
    return switch (login) {
      case BrivoLogin.Password password ->
          "grant_type=password&username="
              + encoded(password.username())
              + "&password="
              + encoded(password.password().reveal());
      case BrivoLogin.RefreshToken token ->
          "grant_type=refresh_token&refresh_token=" + encoded(token.token().reveal());
    };
  }

  private Answer send(String form) throws TargetException, InterruptedException {
    return wire.send(
        new Call(
            "Brivo: get token",
            "POST",
            uri,
            headers,
            form.getBytes(StandardCharsets.US_ASCII),
            false));
  }

  private TargetException failure(Answer answer) {
    TargetException failure =
        answer.status() == 400
            ? answer.failure(Kind.AUTH, "was refused; check client, api key and login")
            : BrivoApi.failure(answer);
    if (failure.kind() == Kind.AUTH) {
      refusal = failure;
      refusedUntil = clock.instant().plus(AFTER_REFUSAL);
    }
    return failure;
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
