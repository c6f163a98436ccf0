package dev.vestibule.sink.slack;

import dev.vestibule.config.SinkConfig;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.service.Service;
import dev.vestibule.service.ServiceContext;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** All sinks of an installation that write to Slack, as one service. */
public final class SlackSinks implements Service {
  /** Name as on the command line. */
  public static final String NAME = "sink-" + SinkConfig.SLACK;

  private final List<SlackSink> sinks;

  private SlackSinks(List<SlackSink> sinks) {
    this.sinks = List.copyOf(sinks);
  }

  /** The configured sinks that write to Slack. */
  public static List<SinkConfig> configured(VestibuleConfig config) {
    return config.sinks().values().stream()
        .filter(sink -> sink.type().equals(SinkConfig.SLACK))
        .toList();
  }

  /**
   * Reads everything that a sink needs to start, and asks nobody.
   *
   * @throws dev.vestibule.config.ConfigException naming what cannot be used
   */
  public static void check(VestibuleConfig config, SinkConfig sink) {
    SlackSettings _ = SlackSettings.of(config, sink);
  }

  /**
   * Starts them all.
   *
   * @throws dev.vestibule.config.ConfigException when the settings or the rules of one cannot be
   *     used; then none runs
   */
  public static SlackSinks start(ServiceContext context) {
    List<SlackSink> started = new ArrayList<>();
    try {
      for (SinkConfig sink : configured(context.config())) {
        started.add(SlackSink.start(context, sink));
      }
    } catch (RuntimeException e) {
      started.forEach(SlackSink::close);
      throw e;
    }
    return new SlackSinks(started);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean ready() {
    return sinks.stream().allMatch(SlackSink::ready);
  }

  @Override
  public boolean live() {
    return sinks.stream().allMatch(SlackSink::live);
  }

  @Override
  public void close() {
    try (ExecutorService closing = Executors.newVirtualThreadPerTaskExecutor()) {
      sinks.forEach(sink -> closing.execute(sink::close));
    }
  }
}
