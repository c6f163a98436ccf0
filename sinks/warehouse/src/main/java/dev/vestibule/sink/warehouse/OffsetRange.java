package dev.vestibule.sink.warehouse;

/**
 * What a batch consumed of one partition.
 *
 * @param start the position that the writer believes to be stored
 * @param end the position to store: the consumer's, since committed topics have gaps. May lie
 *     before {@code start} where a topic was made anew
 */
record OffsetRange(long start, long end) {}
