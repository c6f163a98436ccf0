package dev.vestibule.sink.slack.web;

import dev.vestibule.sink.slack.message.Reply.Failed;
import dev.vestibule.sink.slack.message.Reply.Failure;
import dev.vestibule.sink.slack.message.Reply.Scope;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the codes of refusals mean: Slack's, and a few of ours for when there is no answer of
 * Slack's.
 *
 * @see <a href="https://docs.slack.dev/reference/methods/chat.postMessage#errors">Errors of
 *     chat.postMessage</a>
 */
final class ErrorCodes {
  /** Ours: nothing was sent. */
  static final String NOT_SENT = "not_sent";

  /** Ours: it was sent, and nobody answered. */
  static final String NO_ANSWER = "no_answer";

  /** Ours: what was answered is not of Slack's form. */
  static final String UNREADABLE = "unreadable";

  /** Ours, with the status behind it: no answer of Slack's form, and not status 200. */
  static final String HTTP = "http_";

  static final String LIMITED = "ratelimited";

  /** The plan's limit of messages: it lasts, and somebody has to be told. */
  private static final Duration PLAN_LIMIT = Duration.ofMinutes(10);

  private static final Duration LIMIT = Duration.ofSeconds(30);

  private record Meaning(Failure failure, Scope scope) {}

  private static final Map<String, Meaning> MEANINGS = new HashMap<>();

  private static void put(Failure failure, Scope scope, String... codes) {
    for (String code : codes) {
      MEANINGS.put(code, new Meaning(failure, scope));
    }
  }

  static {
    put(Failure.NOT_NOW, Scope.METHOD, LIMITED, "rate_limited");
    put(Failure.NOT_NOW, Scope.TOKEN, "message_limit_exceeded");
    put(Failure.NOT_NOW, Scope.SLACK, NOT_SENT, "service_unavailable");
    // The workspace moves to another place; nobody has to do anything.
    put(Failure.NOT_NOW, Scope.SLACK, "team_added_to_org", "org_login_required");
    put(
        Failure.NOT_NOW,
        Scope.MESSAGE,
        "request_timeout",
        "update_failed",
        "external_channel_migrating",
        "streaming_state_conflict");
    // One message that Slack stumbles over must not hold up the others.
    put(Failure.AMBIGUOUS, Scope.MESSAGE, "internal_error", "fatal_error");
    put(Failure.AMBIGUOUS, Scope.SLACK, NO_ANSWER, UNREADABLE);
    put(
        Failure.NOT_NOW,
        Scope.CHANNEL,
        "channel_not_found",
        "not_in_channel",
        "is_archived",
        "is_inactive",
        "ekm_access_denied",
        "no_permission");
    put(
        Failure.NOT_NOW,
        Scope.TOKEN,
        "not_authed",
        "invalid_auth",
        "account_inactive",
        "token_revoked",
        "token_expired",
        "missing_scope",
        "not_allowed_token_type",
        "team_access_not_granted",
        "accesslimited",
        "two_factor_setup_required");
    put(
        Failure.MALFORMED,
        Scope.MESSAGE,
        "invalid_blocks",
        "invalid_blocks_format",
        "msg_too_long",
        "msg_blocks_too_long",
        "no_text",
        "too_many_attachments",
        "invalid_arguments",
        "invalid_arg_name",
        "invalid_post_type",
        "invalid_charset",
        "metadata_too_large",
        "invalid_metadata_format",
        "invalid_metadata_schema",
        "block_mismatch",
        HTTP + 400,
        HTTP + 413);
    put(Failure.DELETED, Scope.MESSAGE, "message_not_found", "thread_not_found");
    put(
        Failure.NOT_EDITABLE,
        Scope.MESSAGE,
        "cant_update_message",
        "edit_window_closed",
        "cant_delete_message");
  }

  private ErrorCodes() {}

  /**
   * What a code means.
   *
   * @param after how long Slack asks to be left alone, or null
   * @param repeatable whether doing it twice does no harm, so that nothing is ambiguous
   */
  static Failed meaning(String code, @Nullable Duration after, boolean repeatable) {
    Meaning meaning = meaning(code);
    boolean ambiguous = meaning.failure() == Failure.AMBIGUOUS;
    return new Failed(
        ambiguous && repeatable ? Failure.NOT_NOW : meaning.failure(),
        meaning.scope(),
        switch (code) {
          case "message_limit_exceeded" -> longer(after, PLAN_LIMIT);
          case LIMITED, "rate_limited" -> after == null ? LIMIT : after;
          default -> after;
        },
        code);
  }

  private static Meaning meaning(String code) {
    Meaning known = MEANINGS.get(code);
    if (known != null) {
      return known;
    }
    if (code.startsWith("restricted_action")) {
      return new Meaning(Failure.NOT_NOW, Scope.CHANNEL);
    }
    if (code.startsWith(HTTP + 5)) {
      return new Meaning(Failure.AMBIGUOUS, Scope.SLACK);
    }
    // What stands between us and Slack answers, or the address is wrong.
    return code.startsWith(HTTP)
        ? new Meaning(Failure.NOT_NOW, Scope.SLACK)
        : new Meaning(Failure.REFUSED, Scope.MESSAGE);
  }

  private static Duration longer(@Nullable Duration a, Duration b) {
    return a == null || a.compareTo(b) < 0 ? b : a;
  }
}
