package dev.vestibule.config;

import dev.vestibule.events.DecisionOutcome;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a source's visitors are screened at the door.
 *
 * @param appName what the person who reviews reads first
 * @param defaultOutcome when no policy matches
 * @param highSecuritySites ids of the sites where nobody enters on what may be outdated
 * @param staleAfter age of policies and watchlist from which they count as outdated there
 * @param softDeadline how long deciding may take
 * @param hardDeadline when a call is answered at the latest, whatever is not done yet
 * @param external who else is asked, or null
 * @param plugin how Envoy is told which installations ask, or null where somebody else tells it
 */
public record ScreenConfig(
    String appName,
    DecisionOutcome defaultOutcome,
    Set<String> highSecuritySites,
    Duration staleAfter,
    Duration softDeadline,
    Duration hardDeadline,
    @Nullable ExternalConfig external,
    @Nullable PluginConfig plugin) {
  /** Longest soft deadline: it leaves time to write the decision down. */
  static final Duration MAX_SOFT_DEADLINE = Duration.ofSeconds(2);

  /** Longest hard deadline: with the answer's own way, a sender waits for less than 3 s. */
  static final Duration MAX_HARD_DEADLINE = Duration.ofMillis(2500);

  static final Duration MIN_DEADLINE = Duration.ofMillis(100);

  /** What counts where nothing is said. */
  public static final ScreenConfig DEFAULT =
      new ScreenConfig(
          "Vestibule",
          DecisionOutcome.REVIEW,
          Set.of(),
          Duration.ofSeconds(60),
          Duration.ofSeconds(1),
          MAX_HARD_DEADLINE);

  public ScreenConfig {
    highSecuritySites = Set.copyOf(highSecuritySites);
  }

  /** Nobody else is asked, and somebody else tells Envoy which installations ask. */
  public ScreenConfig(
      String appName,
      DecisionOutcome defaultOutcome,
      Set<String> highSecuritySites,
      Duration staleAfter,
      Duration softDeadline,
      Duration hardDeadline) {
    this(
        appName,
        defaultOutcome,
        highSecuritySites,
        staleAfter,
        softDeadline,
        hardDeadline,
        null,
        null);
  }

  /** The same, with somebody else who is asked. */
  public ScreenConfig withExternal(ExternalConfig other) {
    return with(other, plugin);
  }

  /** The same with another way to tell Envoy. */
  public ScreenConfig withPlugin(PluginConfig other) {
    return with(external, other);
  }

  private ScreenConfig with(
      @Nullable ExternalConfig otherExternal, @Nullable PluginConfig otherPlugin) {
    return new ScreenConfig(
        appName,
        defaultOutcome,
        highSecuritySites,
        staleAfter,
        softDeadline,
        hardDeadline,
        otherExternal,
        otherPlugin);
  }

  /** This with the secrets of another version; everything else stays. */
  ScreenConfig withSecretsOf(ScreenConfig other) {
    return with(
        external == null || other.external == null
            ? external
            : external.withSecrets(other.external.secrets()),
        plugin == null || other.plugin == null ? plugin : plugin.withSecretOf(other.plugin));
  }
}
