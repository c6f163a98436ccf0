package dev.vestibule.ingress.decision;

import dev.vestibule.contract.Headers;
import dev.vestibule.events.Decision;
import dev.vestibule.events.DecisionPhase;
import dev.vestibule.ingress.decision.policy.Decision.Shadow;
import dev.vestibule.ingress.decision.policy.Policy;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Makes the records of a decision. The message stays out of them: it may name the visitor. */
final class Records {
  private static final int APPROVED = 200;
  private static final int REVIEW = 412;

  private Records() {}

  /**
   * @param latency from the call's last byte to the outcome
   */
  static Decision decided(ScreenCall call, Evaluated evaluated, Instant now, Duration latency) {
    Ruling ruling = evaluated.ruling();
    Snapshot snapshot = evaluated.snapshot();
    Policy.Ref rule = ruling.rule();
    return Decision.newBuilder()
        .setDecisionId(call.decisionId())
        .setRequestId(call.header(Headers.REQUEST_ID))
        .setPhase(DecisionPhase.DECIDED)
        .setSource(call.source())
        .setVendor(call.header(Headers.VENDOR))
        .setAccount(call.header(Headers.ACCOUNT))
        .setVisitKey(call.visitKey())
        .setInputsHash(evaluated.inputsHash())
        .setOutcome(ruling.outcome())
        .setBasis(ruling.basis())
        .setReason(ruling.reason().tag())
        .setRuleId(rule == null ? null : rule.id())
        .setRuleVersion(rule == null ? null : rule.version())
        .setPolicies(ruling.asked().stream().map(Policy.Ref::toString).toList())
        .setShadows(shadows(ruling))
        .setPoliciesOffset(snapshot == null ? -1 : snapshot.policiesOffset())
        .setWatchlistOffset(snapshot == null ? -1 : snapshot.watchlistOffset())
        .setSnapshotFreshAt(
            snapshot == null || !snapshot.freshAt().isAfter(Instant.EPOCH)
                ? null
                : micros(snapshot.freshAt()))
        .setRequestedAt(micros(call.at()))
        .setDecidedAt(micros(now))
        .setLatencyMicros(latency.toNanos() / 1000)
        .build();
  }

  /** The same decision, after its answer. */
  static Decision answered(Decision decided, boolean approved, boolean written, Instant now) {
    return Decision.newBuilder(decided)
        .setPhase(DecisionPhase.ANSWERED)
        .setAnswerStatus(approved ? APPROVED : REVIEW)
        .setAnswerWritten(written)
        .setAnsweredAt(micros(now))
        .build();
  }

  /** What a record says was decided; the message, which is not in it, is empty. */
  static Ruling ruling(Decision decided) {
    String rule = decided.getRuleId();
    Integer version = decided.getRuleVersion();
    return new Ruling(
        decided.getOutcome(),
        decided.getBasis(),
        Reason.REPEATED,
        rule == null || version == null ? null : new Policy.Ref(rule, version),
        "",
        List.of(),
        List.of());
  }

  private static Map<String, String> shadows(Ruling ruling) {
    Map<String, String> shadows = new HashMap<>();
    for (Shadow shadow : ruling.shadows()) {
      shadows.put(
          shadow.policy().toString(),
          shadow.problem() == null ? shadow.outcome().name() : "FAILED");
    }
    return shadows;
  }

  private static Instant micros(Instant time) {
    return time.truncatedTo(ChronoUnit.MICROS);
  }
}
