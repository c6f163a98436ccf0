package dev.vestibule.standalone.receipts;

import org.jspecify.annotations.Nullable;

/**
 * How far a stage is behind in all that it reads.
 *
 * @param stage {@code normalizer}, {@code deduper}, or a sink's name
 * @param group its consumer group
 * @param lag records between its positions and the ends
 * @param members processes in the group; -1 unknown
 * @param pausedFor topic that grows while the stage is told to stand still, or null
 */
public record StageLag(
    String stage, String group, long lag, int members, @Nullable String pausedFor) {}
