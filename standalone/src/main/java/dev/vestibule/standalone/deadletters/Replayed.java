package dev.vestibule.standalone.deadletters;

import java.time.Instant;

/**
 * That a dead letter was sent on its way again.
 *
 * @param by who asked for it
 * @param to topic that it went to
 */
public record Replayed(Instant at, String by, String to) {}
