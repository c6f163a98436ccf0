package dev.vestibule.sink.slack.web;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.slack.api.Slack;
import com.slack.api.SlackConfig;
import com.slack.api.methods.MethodsClient;
import com.slack.api.util.http.SlackHttpClient;
import dev.vestibule.config.HttpAddress;
import dev.vestibule.config.Secret;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import okhttp3.FormBody;
import okhttp3.Interceptor;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.BufferedSink;
import org.jspecify.annotations.Nullable;

/**
 * One request to Slack and its answer, by the SDK's client. Requests are forms made here: the SDK's
 * request classes send {@code thread_ts} twice and write warnings of their own; its response
 * classes read a body that is not Slack's as a refusal. Its listeners, which log what was sent, are
 * not run.
 */
final class Wire implements AutoCloseable {
  private static final Pattern TOKEN = Pattern.compile("[\\x21-\\x7e]+");
  private static final Pattern CODE = Pattern.compile("[a-z0-9_.:-]{1,100}");
  private static final Pattern SECONDS = Pattern.compile("\\d{1,6}");

  /** A page of a busy channel's history has some megabytes. */
  private static final long MOST_BYTES = 16L << 20;

  private static final JsonMapper JSON =
      JsonMapper.builder(
              com.fasterxml.jackson.core.JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(100).build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final Slack slack;
  private final MethodsClient methods;
  private final Secret token;

  /** What Slack answered. */
  sealed interface Answer {
    /** {@code ok: true}. */
    record Good(JsonNode body) implements Answer {
      /** People's names and messages, so it does not print. */
      @Override
      public String toString() {
        return "Good";
      }
    }

    /**
     * Anything else, also none.
     *
     * @param code Slack's, or one of {@link ErrorCodes}
     * @param after how long Slack asks to be left alone, or null
     */
    record Bad(String code, @Nullable Duration after) implements Answer {}
  }

  /** The connection did not come about, so that nothing can have been done. */
  private static final class NotSentException extends IOException {
    private static final long serialVersionUID = 1L;

    NotSentException(IOException cause) {
      super(cause);
    }
  }

  /**
   * @param api where the methods are; ends with a slash
   * @param timeout of a whole call
   */
  Wire(URI api, Secret token, Duration timeout) {
    if (!TOKEN.matcher(token.reveal()).matches()) {
      throw new IllegalArgumentException(
          "token: expected visible ASCII characters without blanks, as Slack shows it");
    }
    SlackConfig config = new SlackConfig();
    int millis = Math.toIntExact(timeout.toMillis());
    config.setStatsEnabled(false); // would ask auth.test by itself
    config.setHttpClientResponseHandlers(List.of());
    config.setHttpClientCallTimeoutMillis(millis);
    config.setHttpClientReadTimeoutMillis(millis);
    config.setHttpClientWriteTimeoutMillis(millis);
    config.setMethodsEndpointUrlPrefix(api.toString());
    if (HttpAddress.isLoopback(api.getHost())) {
      config.setProxyUrl(null);
    }
    OkHttpClient http =
        SlackHttpClient.buildOkHttpClient(config)
            .newBuilder()
            .retryOnConnectionFailure(false)
            .addInterceptor(Wire::once)
            .addNetworkInterceptor(Wire::note)
            .build();
    this.slack = Slack.getInstance(config, new SlackHttpClient(http));
    this.methods = slack.methods();
    this.token = token;
  }

  /** Calls a method. */
  Answer call(String method, Map<String, String> parameters) {
    FormBody.Builder form = new FormBody.Builder(StandardCharsets.UTF_8);
    parameters.forEach(form::add);
    try (Response response = methods.runPostFormWithToken(form, method, token.reveal())) {
      return answer(response);
    } catch (IOException e) {
      return lost(e);
    }
  }

  /** Posts JSON, with no token. True when it was taken. */
  boolean post(URI url, String json) {
    try (Response response = slack.getHttpClient().postJsonBody(url.toString(), json)) {
      return response.isSuccessful();
    } catch (IOException e) {
      return false;
    }
  }

  private static Answer lost(IOException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof NotSentException) {
        return new Answer.Bad(ErrorCodes.NOT_SENT, null);
      }
    }
    return new Answer.Bad(ErrorCodes.NO_ANSWER, null);
  }

  private static Answer answer(Response response) throws IOException {
    Duration after = after(response.header("Retry-After"));
    int status = response.code();
    if (status == 429) {
      return new Answer.Bad(ErrorCodes.LIMITED, after);
    }
    if (status >= 500) {
      return new Answer.Bad(ErrorCodes.HTTP + status, after);
    }
    JsonNode body = body(response);
    JsonNode ok = body == null ? null : body.get("ok");
    if (body == null || ok == null || !ok.isBoolean()) {
      return new Answer.Bad(
          status == 200 ? ErrorCodes.UNREADABLE : ErrorCodes.HTTP + status, after);
    }
    if (ok.booleanValue()) {
      return new Answer.Good(body);
    }
    String code = body.path("error").asText();
    return new Answer.Bad(CODE.matcher(code).matches() ? code : ErrorCodes.UNREADABLE, after);
  }

  private static @Nullable JsonNode body(Response response) throws IOException {
    ResponseBody body = response.body();
    if (body == null || body.source().request(MOST_BYTES + 1)) {
      return null;
    }
    try {
      return JSON.readTree(body.source().readByteArray());
    } catch (JsonProcessingException e) {
      return null;
    }
  }

  private static @Nullable Duration after(@Nullable String seconds) {
    return seconds != null && SECONDS.matcher(seconds).matches()
        ? Duration.ofSeconds(Long.parseLong(seconds))
        : null;
  }

  /**
   * OkHttp sends a request again by itself for some answers, as 503 with {@code Retry-After: 0}; a
   * body that can be written only once keeps it from that.
   */
  private static Response once(Interceptor.Chain chain) throws IOException {
    Request request = chain.request();
    RequestBody body = request.body();
    AtomicBoolean sending = new AtomicBoolean();
    Request.Builder once = request.newBuilder().tag(AtomicBoolean.class, sending);
    if (body != null) {
      once.method(request.method(), new OneShot(body));
    }
    try {
      return chain.proceed(once.build());
    } catch (IOException e) {
      throw sending.get() ? e : new NotSentException(e);
    }
  }

  /** Runs when there is a connection, before anything goes over it. */
  private static Response note(Interceptor.Chain chain) throws IOException {
    AtomicBoolean sending = chain.request().tag(AtomicBoolean.class);
    if (sending != null) {
      sending.set(true);
    }
    return chain.proceed(chain.request());
  }

  private static final class OneShot extends RequestBody {
    private final RequestBody body;

    OneShot(RequestBody body) {
      this.body = body;
    }

    @Override
    public @Nullable MediaType contentType() {
      return body.contentType();
    }

    @Override
    public long contentLength() throws IOException {
      return body.contentLength();
    }

    @Override
    public void writeTo(BufferedSink sink) throws IOException {
      body.writeTo(sink);
    }

    @Override
    public boolean isOneShot() {
      return true;
    }
  }

  @Override
  public void close() {
    try {
      slack.close();
    } catch (Exception e) {
      throw new IllegalStateException("the client of Slack's SDK did not close", e);
    }
  }
}
