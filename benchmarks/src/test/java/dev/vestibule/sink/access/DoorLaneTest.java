package dev.vestibule.sink.access;

import dev.vestibule.sink.lane.Destination;
import dev.vestibule.sink.lane.LaneContract;

/** What every sink with lanes must do, with doors behind them. */
class DoorLaneTest extends LaneContract {
  @Override
  protected Destination destination() {
    return new DoorDestination();
  }
}
