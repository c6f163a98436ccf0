package dev.vestibule.ingress.webhook;

import dev.vestibule.config.ScreenConfig;
import dev.vestibule.ingress.decision.policy.PolicySet;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpMethod;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.server.exceptions.response.ErrorContext;
import io.micronaut.http.server.exceptions.response.ErrorResponseProcessor;
import jakarta.inject.Singleton;
import java.util.regex.Pattern;

/**
 * Rewrites the errors that the server makes by itself, before a route is reached: broken HTTP, no
 * such path, wrong method. Envoy takes a 400 or 412 for "dealt with", so they never get out but for
 * a call that holds a visitor; and no answer says more than {@code {}}, since the server's own
 * would quote the path and its key.
 */
@Singleton
final class ServerErrors implements ErrorResponseProcessor<String> {
  private static final Pattern SCREEN = Pattern.compile("/hooks/[^/]+/screen/?");
  private static final String BY_HAND = PolicySet.byHand(ScreenConfig.DEFAULT.appName());
  private static final String RETRY_SECONDS = "10";

  @Override
  public MutableHttpResponse<String> processResponse(
      ErrorContext error, MutableHttpResponse<?> response) {
    HttpStatus status = status(response.code());
    String path = error.getRequest().getPath();
    if (status == HttpStatus.SERVICE_UNAVAILABLE && SCREEN.matcher(path).matches()) {
      // Somebody waits at a door, and may enter on any other answer.
      return response
          .status(HttpStatus.PRECONDITION_FAILED)
          .body(Answer.messageBody(BY_HAND))
          .contentType(MediaType.APPLICATION_JSON_TYPE);
    }
    response.status(status);
    if (status == HttpStatus.SERVICE_UNAVAILABLE) {
      response.header(HttpHeaders.RETRY_AFTER, RETRY_SECONDS);
    }
    return error.getRequest().getMethod() == HttpMethod.HEAD
        ? response.body("")
        : response.body("{}").contentType(MediaType.APPLICATION_JSON_TYPE);
  }

  private static HttpStatus status(int code) {
    return switch (code) {
      case 404, 405, 413 -> HttpStatus.valueOf(code);
      default -> code < 500 ? HttpStatus.NOT_FOUND : HttpStatus.SERVICE_UNAVAILABLE;
    };
  }
}
