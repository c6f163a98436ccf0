package dev.vestibule.config;

import java.time.Duration;
import java.util.Map;

/**
 * What an installation says about topics.
 *
 * @param prefix before every topic name; usually empty
 * @param replication replication factor of new topics
 * @param partitions partition counts by topic name (without prefix) where they differ
 * @param retention retention by topic name (without prefix) where it differs
 */
public record TopicsConfig(
    String prefix,
    short replication,
    Map<String, Integer> partitions,
    Map<String, Duration> retention) {}
