package dev.vestibule.sink.lane;

/** The contract, and a destination that could not be simpler. */
class MemoryLaneTest extends LaneContract {
  @Override
  protected Destination destination() {
    return new MemoryDestination();
  }
}
