package dev.vestibule.sink.access.target;

/** What a call that went well has changed. */
public enum Effect {
  /** The target is now as it shall be. */
  DONE,
  /** It was so before. */
  ALREADY
}
