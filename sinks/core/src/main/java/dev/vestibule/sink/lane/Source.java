package dev.vestibule.sink.lane;

/** One partition that is read. */
record Source(String topic, int partition) {}
