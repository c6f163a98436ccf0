package dev.vestibule.sink.warehouse;

import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * A record that cannot be stored.
 *
 * @param source partition that it was consumed from
 * @param offset its offset there
 * @param reason why
 * @param raw its value, or null where there is none or where the warehouse must not hold it
 */
@SuppressWarnings("ArrayRecordComponent") // Rows are written, never compared.
record RejectedRow(
    TopicPartition source, long offset, RejectionReason reason, byte @Nullable [] raw) {
  // The value may be readable by people, so it does not print.
  @Override
  public String toString() {
    return "RejectedRow[" + source + "@" + offset + " " + reason + "]";
  }
}
