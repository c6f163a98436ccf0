package dev.vestibule.sink.slack.vendor;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.vestibule.config.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.NoRouteToHostException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/**
 * Moves a check-in on in essentry, by the names of that customer's flow. What the call does to a
 * check-in that is elsewhere by now, and whether it may be repeated, is not documented: so it is
 * made once, and where no answer came the next notification of that check-in tells what became of
 * it. Safe for several threads.
 *
 * @see <a href="https://integrate.essentry.com">essentry's integration guide</a>
 */
public final class Transitions implements AutoCloseable {
  /** Where essentry takes them. */
  public static final URI ESSENTRY =
      URI.create("https://app.essentry.com/api/v2/check-ins/transitions");

  private static final Pattern NUMBER = Pattern.compile("0|[1-9]\\d{0,17}");
  private static final Pattern SECONDS = Pattern.compile("\\d{1,9}");
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final URI url;
  private final String authorization;
  private final Duration timeout;
  private final InstantSource clock;
  private final HttpClient client;

  /** What is moved on. */
  public sealed interface Subject {

    /**
     * @param id as {@code visit.id} of its events has it, uncut
     */
    record CheckIn(String id) implements Subject {}

    /**
     * @param sourceId the customer's own id of the invitation
     */
    record Invitation(String sourceId) implements Subject {}
  }

  /** What came of it. */
  public sealed interface Result {

    /** essentry has moved it on. */
    record Done() implements Result {}

    /**
     * It was not carried out, and may be later.
     *
     * @param after how long essentry wants to be left alone, or null where it did not say
     * @param reason a fixed word
     */
    record Retry(@Nullable Duration after, String reason) implements Result {}

    /**
     * It may have been carried out: not to be repeated until it is known where the check-in stands.
     *
     * @param reason a fixed word
     */
    record InDoubt(String reason) implements Result {}

    /**
     * essentry does not take this one, and would not take it later: somebody has to do it there.
     *
     * @param status of HTTP
     */
    record Refused(int status) implements Result {}

    /**
     * essentry takes none with this token: somebody has to look at it and its rights.
     *
     * @param status of HTTP
     */
    record Unauthorized(int status) implements Result {}
  }

  /**
   * @param url https, or http on this machine
   * @param timeout until the answer begins
   * @throws IllegalArgumentException where one of them cannot be used; says nothing of the token
   */
  public Transitions(URI url, Secret token, Duration timeout, InstantSource clock) {
    if (!isPrivate(url)) {
      throw new IllegalArgumentException(
          "the address of transitions is not safe for a token; expected https, or http on this"
              + " machine");
    }
    String revealed = token.reveal();
    if (!revealed.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      // The client's own message would quote it.
      throw new IllegalArgumentException(
          "the token of transitions cannot be sent; expected visible ASCII without blanks");
    }
    this.url = url;
    this.authorization = "Bearer " + revealed;
    this.timeout = timeout;
    this.clock = clock;
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(timeout)
            .build();
  }

  /**
   * Makes the call, once.
   *
   * @param eventName of the transition, as the customer's flow calls it
   * @throws InterruptedException then it is in doubt
   */
  public Result send(Subject subject, String eventName) throws InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(url)
            .timeout(timeout)
            .header("Authorization", authorization)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body(subject, eventName), StandardCharsets.UTF_8))
            .build();
    try {
      HttpResponse<InputStream> answer = client.send(request, BodyHandlers.ofInputStream());
      Result result = result(answer, clock.instant());
      close(answer.body());
      return result;
    } catch (IOException e) {
      return isBeforeSending(e)
          ? new Result.Retry(null, "no_connection")
          : new Result.InDoubt("no_answer");
    }
  }

  /** The status tells all; what may follow it is not read. */
  private static void close(InputStream body) {
    try {
      body.close();
    } catch (IOException e) {
      // The answer is known.
    }
  }

  private static String body(Subject subject, String eventName) {
    ObjectNode body = JSON.objectNode().put("eventName", eventName);
    switch (subject) {
      case Subject.CheckIn(String id) -> {
        ObjectNode checkIn = body.putObject("checkIn");
        // A number where it is one: that is how the notifications have it.
        if (NUMBER.matcher(id).matches()) {
          checkIn.put("id", Long.parseLong(id));
        } else {
          checkIn.put("id", id);
        }
      }
      case Subject.Invitation(String sourceId) ->
          body.putObject("invitation").put("sourceId", sourceId);
    }
    return body.toString();
  }

  private static Result result(HttpResponse<?> answer, Instant now) {
    int status = answer.statusCode();
    Duration after =
        answer.headers().firstValue("Retry-After").map(value -> after(value, now)).orElse(null);
    return switch (status) {
      case 401, 403 -> new Result.Unauthorized(status);
      case 408, 425, 429 -> new Result.Retry(after, "http_" + status);
      // Whoever names a time has not begun; a gateway that names none may have lost the answer.
      case 503 ->
          after == null ? new Result.InDoubt("http_503") : new Result.Retry(after, "http_503");
      default ->
          switch (status / 100) {
            case 2 -> new Result.Done();
            case 5 -> new Result.InDoubt("http_" + status);
            default -> new Result.Refused(status);
          };
    };
  }

  private static @Nullable Duration after(String value, Instant now) {
    String text = value.strip();
    if (SECONDS.matcher(text).matches()) {
      return Duration.ofSeconds(Long.parseLong(text));
    }
    try {
      Instant until = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      return until.isAfter(now) ? Duration.between(now, until) : Duration.ZERO;
    } catch (DateTimeParseException e) {
      return null;
    }
  }

  private static boolean isBeforeSending(Throwable failure) {
    return Stream.iterate(failure, cause -> cause != null, Throwable::getCause)
        .anyMatch(cause ->
            cause instanceof ConnectException
                || cause instanceof HttpConnectTimeoutException
                || cause instanceof NoRouteToHostException
                || cause instanceof UnknownHostException
                || cause instanceof UnresolvedAddressException
                || cause instanceof SSLHandshakeException);
  }

  private static boolean isPrivate(URI url) {
    String host = url.getHost();
    if (host == null || url.getRawUserInfo() != null || url.getRawFragment() != null) {
      return false;
    }
    return "https".equals(url.getScheme()) || ("http".equals(url.getScheme()) && isHere(host));
  }

  private static boolean isHere(String host) {
    try {
      return host.equals("localhost")
          || InetAddress.ofLiteral(host.replaceAll("[\\[\\]]", "")).isLoopbackAddress();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
  }

  /** Without the token. */
  @Override
  public String toString() {
    return "Transitions[" + url.getHost() + "]";
  }
}
