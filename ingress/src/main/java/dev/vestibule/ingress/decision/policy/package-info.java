/**
 * Policies: rules in CEL over typed facts about a visit, compiled once and decided in microseconds.
 * Pure; whatever goes wrong in here ends as a manual review, never as an approval.
 */
@NullMarked
package dev.vestibule.ingress.decision.policy;

import org.jspecify.annotations.NullMarked;
