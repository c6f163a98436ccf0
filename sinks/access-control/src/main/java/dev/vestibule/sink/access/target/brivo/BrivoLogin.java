package dev.vestibule.sink.access.target.brivo;

import dev.vestibule.config.Secret;

/** What an access token is asked for with. */
public sealed interface BrivoLogin {

  /** An administrator of the own account. */
  record Password(String username, Secret password) implements BrivoLogin {}

  /**
   * What somebody's consent has yielded; where Brivo gives a new one with each use, the newest is
   * kept as long as the process lives.
   */
  record RefreshToken(Secret token) implements BrivoLogin {}
}
