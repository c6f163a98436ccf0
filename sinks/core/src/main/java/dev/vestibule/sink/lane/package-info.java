/**
 * Delivery lanes: one per visit, so that a visit keeps its order and never waits for another.
 * {@link dev.vestibule.sink.lane.Lanes} is the whole logic and knows no Kafka; {@link
 * dev.vestibule.sink.lane.LaneService} runs it over a consumer and a transactional producer.
 */
@NullMarked
package dev.vestibule.sink.lane;

import org.jspecify.annotations.NullMarked;
