package dev.vestibule.sink.access.target.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.vestibule.sink.access.target.TargetException;
import dev.vestibule.sink.access.target.TargetException.Kind;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;

/**
 * What came back.
 *
 * @param retryAfter how long the server wants to be left alone, or null
 */
@SuppressWarnings("ArrayRecordComponent") // bytes as they came or go; never compared
public record Answer(
    Call call, int status, HttpHeaders headers, byte[] body, @Nullable Duration retryAfter) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MOST_DIGITS = 9;

  /**
   * @param now when it came, for a {@code Retry-After} that names a date
   */
  public static Answer of(Call call, int status, HttpHeaders headers, byte[] body, Instant now) {
    return new Answer(
        call,
        status,
        headers,
        body,
        headers.firstValue("Retry-After").map(value -> retryAfter(value, now)).orElse(null));
  }

  public boolean good() {
    return status / 100 == 2;
  }

  /**
   * The body.
   *
   * @throws TargetException when it is no JSON
   */
  public JsonNode json() throws TargetException {
    try {
      JsonNode read = JSON.readTree(body);
      if (read != null && !read.isMissingNode()) {
        return read;
      }
    } catch (IOException e) {
      // The parser's message may quote the body.
    }
    throw failure(doubt(), "answered with what is no JSON");
  }

  /** What a status that is no success means wherever a vendor does not say otherwise. */
  public TargetException failure() {
    return switch (status) {
      case 401, 403 -> failure(Kind.AUTH, "was refused; check the credentials and their rights");
      case 408, 425, 429, 503 -> failure(Kind.RETRY, "has to wait");
      default -> {
        if (status >= 500) {
          yield failure(doubt(), "failed at the target");
        }
        yield status / 100 == 3
            ? failure(Kind.REJECTED, "was redirected, which is not followed; check the address")
            : failure(Kind.REJECTED, "was not taken");
      }
    };
  }

  /**
   * @param what goes on after the call's name; nothing from the body
   */
  public TargetException failure(Kind kind, String what) {
    return new TargetException(kind, call.name() + " " + what + " (" + status + ")", retryAfter);
  }

  private Kind doubt() {
    return call.changes() ? Kind.AMBIGUOUS : Kind.RETRY;
  }

  private static @Nullable Duration retryAfter(String value, Instant now) {
    String text = value.strip();
    if (!text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return text.length() > MOST_DIGITS ? null : Duration.ofSeconds(Long.parseLong(text));
    }
    try {
      Instant until = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      return until.isAfter(now) ? Duration.between(now, until) : Duration.ZERO;
    } catch (DateTimeParseException e) {
      return null;
    }
  }

  /** Leaves headers and body out. */
  @Override
  public String toString() {
    return call + " " + status;
  }
}
