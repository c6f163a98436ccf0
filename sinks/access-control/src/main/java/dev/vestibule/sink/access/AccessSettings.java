package dev.vestibule.sink.access;

import dev.vestibule.config.ConfigException;
import dev.vestibule.config.Display;
import dev.vestibule.config.SinkConfig;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.sink.access.target.AccessTarget;
import dev.vestibule.sink.access.target.Allowance;
import dev.vestibule.sink.access.target.http.Turnstile;
import dev.vestibule.sink.lane.Pace;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an installation says about one sink that opens doors, read and checked.
 *
 * @param target which nobody has called yet; whoever has this closes it
 * @param pace how hard it may be driven
 * @param reconcileEvery how often it is compared with what is wanted
 */
record AccessSettings(Rules rules, AccessTarget target, Allowance pace, Duration reconcileEvery) {
  private static final Pattern DURATION = Pattern.compile("(\\d{1,6})(s|m|h)");
  private static final Duration RECONCILE_EVERY = Duration.ofMinutes(5);

  /**
   * Reads the sink's section, its rules and the files of its target.
   *
   * @throws ConfigException for whatever cannot be used
   */
  static AccessSettings of(VestibuleConfig config, SinkConfig sink, InstantSource clock) {
    Rules rules = rules(config, sink);
    Duration reconcileEvery = reconcileEvery(sink);
    // The pace is the target's to tell, so its turnstile is hung in once it stands.
    Gate gate = new Gate();
    AccessTarget target = TargetSetting.open(sink, gate, clock);
    try {
      Allowance pace = TargetSetting.pace(sink, target);
      rules.check(sink.name(), target.capabilities());
      gate.set(sink.name(), pace);
      return new AccessSettings(rules, target, pace, reconcileEvery);
    } catch (ConfigException e) {
      target.close();
      throw e;
    }
  }

  /** How fast the target is called. */
  private static final class Gate implements Turnstile {
    private volatile @Nullable Pace pace;

    void set(String sink, Allowance allowed) {
      if (allowed.callsPerSecond() > 0) {
        pace = new Pace(sink, allowed.callsPerSecond(), Integer.MAX_VALUE);
      }
    }

    @Override
    public void pass() throws InterruptedException {
      Pace limit = pace;
      if (limit != null) {
        limit.turn().close();
      }
    }
  }

  /** What the sink may do, as its file says. */
  private static Rules rules(VestibuleConfig config, SinkConfig sink) {
    String file = sink.settings().get("rules");
    if (file == null) {
      throw new ConfigException(
          "vestibule.sinks." + sink.name() + ".rules",
          "is missing; expected the file that says who may enter where");
    }
    return new RulesFile(
            config.sources().keySet(),
            AccessSinks.configured(config).stream().map(SinkConfig::name).toList())
        .read(Path.of(file));
  }

  private static Duration reconcileEvery(SinkConfig sink) {
    String text = sink.settings().get("reconcile");
    if (text == null) {
      return RECONCILE_EVERY;
    }
    Matcher matcher = DURATION.matcher(text);
    if (matcher.matches()) {
      long amount = Long.parseLong(matcher.group(1));
      Duration every =
          switch (matcher.group(2)) {
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            default -> Duration.ofHours(amount);
          };
      if (every.isPositive() && every.compareTo(Duration.ofDays(1)) <= 0) {
        return every;
      }
    }
    throw new ConfigException(
        "vestibule.sinks." + sink.name() + ".reconcile",
        "'" + Display.of(text) + "'; expected a duration such as 30s, 5m or 1h, at most a day");
  }
}
