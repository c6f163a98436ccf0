package dev.vestibule.ingress.decision;

import dev.vestibule.config.ScreenConfig;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.ingress.publish.RawRecord;
import dev.vestibule.ingress.publish.RawRecords;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A genuine call that waits for an answer.
 *
 * @param screen how its source screens
 * @param decisionId the same for every call about one entry
 * @param visitKey stands for the entry, or null where the call names none
 * @param body what the sender signed
 * @param raw the call as it is stored
 * @param at when it was accepted
 * @param startNanos the same moment on {@link System#nanoTime()}'s clock, from which deadlines run
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record ScreenCall(
    ScreenConfig screen,
    String decisionId,
    @Nullable String visitKey,
    byte[] body,
    RawRecord raw,
    Instant at,
    long startNanos) {

  /**
   * Makes out which entry a call is about.
   *
   * @param kind the kind of entry that it names, or null
   * @param entryId or null
   */
  public static ScreenCall of(
      ScreenConfig screen,
      IdentityKey identity,
      @Nullable String kind,
      @Nullable String entryId,
      byte[] body,
      RawRecord raw,
      Instant at,
      long startNanos) {
    String account = raw.headers().getOrDefault(Headers.ACCOUNT, "");
    return new ScreenCall(
        screen,
        entryId == null
            ? identity.decision(account, "body", RawRecords.sha256(body))
            : identity.decision(account, kind == null ? "" : kind, entryId),
        entryId == null ? null : identity.visit(account, entryId),
        body,
        raw,
        at,
        startNanos);
  }

  String source() {
    return raw.source();
  }

  /** A header of the raw record, which always has it. */
  String header(String name) {
    return raw.headers().getOrDefault(name, "");
  }

  @Override
  public String toString() {
    return "ScreenCall[" + decisionId + "]";
  }
}
