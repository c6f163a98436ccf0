/**
 * The names and rules that rooms share: topics, headers, vendors, verdicts, keys and versions. Pure
 * values; nothing here talks to Kafka.
 */
@NullMarked
package dev.vestibule.contract;

import org.jspecify.annotations.NullMarked;
