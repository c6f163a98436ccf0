package dev.vestibule.sink.access.target;

/**
 * What a grant is known by, here and at the target: a visit, and the zones' scope where one visit
 * opens several sets. Never a person: somebody may have two visits at once.
 *
 * @param value at most 64 of {@code a-z 0-9 -}, so that it can stand in any URL or field, and means
 *     the same where a target does not tell upper from lower case; made by a keyed hash, so that it
 *     says nothing about the visit
 */
public record GrantKey(String value) {
  private static final int LONGEST = 64;

  public GrantKey {
    if (value.isEmpty()
        || value.length() > LONGEST
        || !value
            .chars()
            .allMatch(c -> c == '-' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))) {
      throw new IllegalArgumentException("a grant key is 1 to 64 of a-z, 0-9 and '-'");
    }
  }

  @Override
  public String toString() {
    return value;
  }
}
