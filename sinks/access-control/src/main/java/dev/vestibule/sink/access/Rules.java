package dev.vestibule.sink.access;

import dev.vestibule.config.ConfigException;
import dev.vestibule.config.Display;
import dev.vestibule.events.EventType;
import dev.vestibule.sink.access.target.AccessTarget.Capability;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which site and event open what, at which target. What no rule names opens nothing.
 *
 * @param maxAge how old a fact may be when it opens a door, also after a person's approval
 * @param alarmAfter how long a revoke may be pending before somebody is called
 * @param sites what opens
 * @param lockdowns what locks
 * @param credentials who takes cards
 */
public record Rules(
    Duration maxAge,
    Duration alarmAfter,
    List<SiteRule> sites,
    List<LockdownRule> lockdowns,
    List<CredentialRule> credentials) {

  static final Duration MAX_AGE = Duration.ofMinutes(15);
  static final Duration ALARM_AFTER = Duration.ofMinutes(5);
  static final Duration MAX_WINDOW = Duration.ofHours(24);

  /** Events that may open a door where a rule names them. */
  static final Set<EventType> OPENING =
      EnumSet.of(
          EventType.SIGNED_IN,
          EventType.APPROVED,
          EventType.PRE_REGISTERED,
          EventType.UPCOMING,
          EventType.CHECK_IN_SUCCEEDED,
          EventType.UPDATED);

  /** One place as one source calls it. */
  record Place(String source, String site) {}

  /**
   * @param target name of the sink that acts
   * @param zones the target's own ids
   * @param on events that open
   */
  record SiteRule(
      Place place, String target, Set<String> zones, Set<EventType> on, WindowRule window) {}

  /**
   * @param zones the target's own ids
   */
  record LockdownRule(Place place, String target, Set<String> zones) {}

  /**
   * @param kinds kinds of credential, e.g. card
   */
  record CredentialRule(Place place, String target, Set<String> kinds) {}

  public Rules {
    sites = List.copyOf(sites);
    lockdowns = List.copyOf(lockdowns);
    credentials = List.copyOf(credentials);
  }

  /** What the rules say about a place. */
  sealed interface Match {
    /** A rule of this target opens something. */
    record Opens(SiteRule rule) implements Match {}

    /** The place is this target's, the event opens nothing there. */
    record Silent() implements Match {}

    /** The place is another target's. */
    record Elsewhere() implements Match {}

    /** No rule names the place. */
    record Unknown() implements Match {}
  }

  Match match(String target, String source, @Nullable String site, EventType type) {
    boolean known = false;
    boolean ours = false;
    for (SiteRule rule : sites) {
      if (rule.place.source.equals(source) && rule.place.site.equals(site)) {
        known = true;
        if (rule.target.equals(target)) {
          ours = true;
          if (rule.on.contains(type)) {
            return new Match.Opens(rule);
          }
        }
      }
    }
    return ours ? new Match.Silent() : known ? new Match.Elsewhere() : new Match.Unknown();
  }

  /** Sources whose events may open something at a target. */
  Set<String> sources(String target) {
    return sites.stream()
        .filter(rule -> rule.target.equals(target))
        .map(rule -> rule.place.source)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** What a target locks when a source raises a lockdown at a site; empty for nothing. */
  Set<String> locks(String target, String source, @Nullable String site) {
    return lockdowns.stream()
        .filter(rule -> rule.target.equals(target))
        .filter(rule -> rule.place.source.equals(source) && rule.place.site.equals(site))
        .map(LockdownRule::zones)
        .findFirst()
        .orElse(Set.of());
  }

  /**
   * Whether a target takes cards of a kind from a place. A kind may be several in one, as in {@code
   * card+pin}: one that is named is enough.
   */
  boolean takesCredential(
      String target, String source, @Nullable String site, @Nullable String kind) {
    return credentials.stream()
        .filter(rule -> rule.target.equals(target))
        .filter(rule -> rule.place.source.equals(source) && rule.place.site.equals(site))
        .anyMatch(rule ->
            kind != null && Arrays.stream(kind.split("\\+", -1)).anyMatch(rule.kinds::contains));
  }

  /** Whether a target takes cards of any kind from a place. */
  boolean takesCredentials(String target, String source, @Nullable String site) {
    return credentials.stream()
        .filter(rule -> rule.target.equals(target))
        .anyMatch(rule -> rule.place.source.equals(source) && rule.place.site.equals(site));
  }

  /**
   * Checks that a target can do what the rules want of it.
   *
   * @throws ConfigException where a rule gives cards to a target that takes none, or locks down one
   *     that cannot lock
   */
  public void check(String target, Set<Capability> capabilities) {
    for (int i = 0; i < lockdowns.size(); i++) {
      if (lockdowns.get(i).target.equals(target)
          && !capabilities.contains(Capability.LOCKS_DOWN)) {
        throw new ConfigException(
            "lockdowns[" + i + "].target",
            "'" + Display.of(target) + "' cannot lock doors down; remove the rule");
      }
    }
    for (int i = 0; i < credentials.size(); i++) {
      if (credentials.get(i).target.equals(target)
          && !capabilities.contains(Capability.TAKES_CARDS)) {
        throw new ConfigException(
            "credentials[" + i + "].target",
            "'"
                + Display.of(target)
                + "' takes no cards; remove the rule, or set up the target so that it does");
      }
    }
  }
}
