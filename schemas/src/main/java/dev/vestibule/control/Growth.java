package dev.vestibule.control;

/**
 * A growth under way, kept so that the same command can go on after a crash. There is at most one.
 *
 * @param topic full name, without a generation
 * @param partitions count that it will have
 * @param generation generation that is being built, or 0 when partitions are added in place
 * @param step what is being done
 */
public record Growth(String topic, int partitions, int generation, Step step) {

  /** The steps in their order; a growth in place has no copies to make. */
  public enum Step {
    /** Nothing but this record, and maybe an empty or half-seeded generation. */
    PREPARE,
    /** Writers are told to stand still; can still be taken back. */
    PAUSE,
    /** What was not judged is carried over: from here on there is only forward. */
    CARRY
  }

  public Growth at(Step next) {
    return new Growth(topic, partitions, generation, next);
  }

  /** Whether writers may be let go as if nothing had happened. */
  public boolean canBeTakenBack() {
    return step != Step.CARRY;
  }
}
