package dev.vestibule.contract;

/**
 * One generation of {@link Topics#NORMALIZED}. The deduper's memory belongs to the partitions that
 * it was built with, so more partitions are a new topic with a new memory, seeded from the old.
 *
 * @param number from 1
 */
public record Generation(int number) {
  public static final Generation FIRST = new Generation(1);

  public Generation {
    if (number < 1) {
      throw new IllegalArgumentException("generation " + number + ": expected 1 or more");
    }
  }

  public Generation next() {
    return new Generation(number + 1);
  }

  /** Full name of the topic: {@code visitor.normalized}, later {@code visitor.normalized.gN}. */
  public String topic(TopicNames topics) {
    return suffixed(topics.of(Topics.NORMALIZED), '.');
  }

  /** The Streams application of a service whose state belongs to the generation. */
  public String application(String base) {
    return suffixed(base, '-');
  }

  /** Whether records of it may be seeds. */
  public boolean seeded() {
    return number > 1;
  }

  private String suffixed(String name, char separator) {
    return number == 1 ? name : name + separator + "g" + number;
  }
}
