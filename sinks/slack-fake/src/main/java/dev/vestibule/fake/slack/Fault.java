package dev.vestibule.fake.slack;

import java.time.Duration;

/**
 * A mishap of one call.
 *
 * @param done whether what was asked for is done all the same
 * @param effect what the caller sees
 */
public record Fault(boolean done, Effect effect) {

  /** What the caller sees. */
  public sealed interface Effect {
    /** The connection ends without an answer. */
    record Drop() implements Effect {}

    /** No answer, until the server is closed. */
    record Hang() implements Effect {}

    /** Any answer. */
    record Answer(int status, String body) implements Effect {}

    /** An answer with {@code ok: false}. */
    record Refusal(String code) implements Effect {}

    /** Status 429. */
    record Limited(Duration after) implements Effect {}
  }

  public static Fault drop() {
    return new Fault(false, new Effect.Drop());
  }

  public static Fault hang() {
    return new Fault(false, new Effect.Hang());
  }

  public static Fault status(int status) {
    return new Fault(false, new Effect.Answer(status, "<html>" + status + "</html>"));
  }

  /** Status 200 and a body that Slack would not send. */
  public static Fault body(String body) {
    return new Fault(false, new Effect.Answer(200, body));
  }

  public static Fault error(String code) {
    return new Fault(false, new Effect.Refusal(code));
  }

  public static Fault limited(Duration after) {
    return new Fault(false, new Effect.Limited(after));
  }

  /** The same, but what was asked for is done first. */
  public Fault afterDoing() {
    return new Fault(true, effect);
  }
}
