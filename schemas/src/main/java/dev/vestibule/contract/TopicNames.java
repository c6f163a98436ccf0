package dev.vestibule.contract;

/**
 * Full topic names of one installation: a prefix (usually empty) before the names of {@link
 * Topics}.
 */
public record TopicNames(String prefix) {
  public static final TopicNames UNPREFIXED = new TopicNames("");

  /** The full name of a topic of {@link Topics}. */
  public String of(String name) {
    return prefix + name;
  }
}
