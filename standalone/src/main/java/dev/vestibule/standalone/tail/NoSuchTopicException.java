package dev.vestibule.standalone.tail;

/** The topic to read does not exist. */
public final class NoSuchTopicException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public NoSuchTopicException(String topic) {
    super("topic " + topic + " does not exist");
  }
}
