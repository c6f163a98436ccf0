package dev.vestibule.fake.slack;

import org.jspecify.annotations.Nullable;

/**
 * Somebody with an account.
 *
 * @param id {@code U…}
 * @param email or null where it is not known
 * @param team whose account it is
 */
public record FakeUser(String id, String name, @Nullable String email, String team, Kind kind) {

  /** What somebody is in the workspace. */
  public enum Kind {
    MEMBER,
    GUEST,
    SINGLE_CHANNEL_GUEST,
    /** Of another workspace, met in a shared channel. */
    STRANGER,
    DELETED,
    BOT
  }
}
