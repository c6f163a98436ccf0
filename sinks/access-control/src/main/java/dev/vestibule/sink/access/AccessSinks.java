package dev.vestibule.sink.access;

import dev.vestibule.config.SinkConfig;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.service.AdminServer;
import dev.vestibule.service.Service;
import dev.vestibule.service.ServiceContext;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** All sinks of an installation that open doors, as one service. */
public final class AccessSinks implements Service {
  /** Name as on the command line. */
  public static final String NAME = "sink-" + AccessSink.TYPE;

  private final List<AccessSink> sinks;
  private final AccessRoute route;

  private AccessSinks(List<AccessSink> sinks, ServiceContext context) {
    this.sinks = List.copyOf(sinks);
    this.route = new AccessRoute(this.sinks, context);
  }

  /** The configured sinks that open doors. */
  public static List<SinkConfig> configured(VestibuleConfig config) {
    return config.sinks().values().stream()
        .filter(sink -> sink.type().equals(AccessSink.TYPE))
        .toList();
  }

  /**
   * Reads everything that a sink needs to start, and asks nobody.
   *
   * @throws dev.vestibule.config.ConfigException naming what cannot be used
   */
  public static void check(VestibuleConfig config, SinkConfig sink) {
    AccessSettings.of(config, sink, InstantSource.system()).target().close();
  }

  /**
   * Starts them all.
   *
   * @throws dev.vestibule.config.ConfigException when the settings, the rules or a file of one
   *     cannot be used; then none runs
   */
  public static AccessSinks start(ServiceContext context) {
    List<AccessSink> started = new ArrayList<>();
    try {
      for (SinkConfig sink : configured(context.config())) {
        started.add(AccessSink.start(context, sink));
      }
    } catch (RuntimeException e) {
      started.forEach(AccessSink::close);
      throw e;
    }
    return new AccessSinks(started, context);
  }

  /**
   * Answers questions and orders of people below {@code /access/} on the admin port.
   *
   * @param mayAsk whether an {@code Authorization} header, if there was one, names the token
   */
  public void open(AdminServer admin, Predicate<@Nullable String> mayAsk) {
    route.open(admin, mayAsk);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean ready() {
    return sinks.stream().allMatch(AccessSink::ready);
  }

  @Override
  public boolean live() {
    return sinks.stream().allMatch(AccessSink::live);
  }

  @Override
  public void close() {
    try (ExecutorService closing = Executors.newVirtualThreadPerTaskExecutor()) {
      sinks.forEach(sink -> closing.execute(sink::close));
    }
  }
}
