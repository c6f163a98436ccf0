/**
 * Follows a delivery through the topics: what became of it, and who has not done his part yet. Asks
 * Kafka for records and positions each time, and keeps nothing.
 */
@NullMarked
package dev.vestibule.standalone.receipts;

import org.jspecify.annotations.NullMarked;
