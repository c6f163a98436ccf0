package dev.vestibule.sink.access.target;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A physical access-control system. Calls block, converge on what is asked for, and may be
 * repeated: whoever calls keeps one call per key under way. Safe for several threads with different
 * keys.
 */
public interface AccessTarget extends AutoCloseable {

  /** What a target can do besides granting and revoking. */
  enum Capability {
    /** {@link #find} and {@link #listManaged}. */
    READS_BACK,
    LOCKS_DOWN,
    /** {@link #assignCard} and {@link #returnCard}. */
    TAKES_CARDS
  }

  Set<Capability> capabilities();

  /** How hard it may be driven. */
  Pace pace();

  /** Creates the grant, or changes what is there under its key to it. */
  Effect ensureGranted(Grant grant) throws TargetException, InterruptedException;

  /**
   * Takes away everything under a key, its cards as well, reads back where the target can be read,
   * and succeeds also where nothing was there.
   *
   * @param sequence as that of a {@link Grant}
   */
  Effect ensureRevoked(GrantKey key, long sequence) throws TargetException, InterruptedException;

  /**
   * What is there under a key, all objects that carry it taken together; empty when nothing is.
   * Refused as {@code REJECTED} by a target that does not read back.
   */
  Optional<Observed> find(GrantKey key) throws TargetException, InterruptedException;

  /** Everything that carries our marker, active or not; one for each key. */
  List<Observed> listManaged() throws TargetException, InterruptedException;

  /**
   * Locks doors at once; may succeed in part.
   *
   * @param zones the target's ids; where it can only lock everything, that is refused as {@code
   *     REJECTED} unless the configuration of the target says that everything is meant
   */
  Lockdown lockDown(Set<String> zones) throws TargetException, InterruptedException;

  /** Ends a lockdown. Only a person's command may call this. */
  Lockdown release(Set<String> zones) throws TargetException, InterruptedException;

  /**
   * Gives a card to the holder of a grant.
   *
   * @param number in clear; not to be kept
   */
  Effect assignCard(GrantKey key, String number) throws TargetException, InterruptedException;

  /** Takes a card back from whoever holds it under the key. */
  Effect returnCard(GrantKey key, String number) throws TargetException, InterruptedException;

  /** Forgets the person behind a key, after a revoke. */
  Effect erase(GrantKey key) throws TargetException, InterruptedException;

  @Override
  void close();
}
