package dev.vestibule.sink.warehouse;

import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/**
 * A store of events that also holds how far it has consumed. Used by one writer thread.
 *
 * <p>Every method throws {@link WarehouseException} when the store fails. After an exception
 * nothing is known about the last batch but that it is stored whole or not at all; {@link
 * #loadOffsets} tells which.
 */
interface Warehouse extends AutoCloseable {

  /** Brings the tables to the version that this code needs; does nothing where they are. */
  void migrate();

  /** Next offset to consume of each partition that was ever written. */
  Map<TopicPartition, Long> loadOffsets();

  /**
   * Writes rows and positions in one transaction, or nothing. A partition's position moves only if
   * the stored one is the start of its range; a partition without one takes that start.
   */
  WriteResult writeBatch(Batch batch);

  @Override
  void close();
}
