package dev.vestibule.standalone.simulator;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What came back for one attempt.
 *
 * @param status HTTP status
 * @param receipt where the record lies, as {@code topic-partition@offset}, if the answer says so
 * @param latency from the first byte sent to the whole answer read
 */
public record Answer(int status, @Nullable String receipt, Duration latency) {}
