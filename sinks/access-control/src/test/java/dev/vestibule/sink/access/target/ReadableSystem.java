package dev.vestibule.sink.access.target;

/** A system that can be asked what is there. */
public interface ReadableSystem extends FakeSystem {

  /** Puts objects there that are not ours, and look much like ours. */
  void addForeign();

  /** All that is not ours, as text to compare. */
  String foreign();
}
