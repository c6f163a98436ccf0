package dev.vestibule.standalone;

import dev.vestibule.config.ConfigException;
import dev.vestibule.config.SinkConfig;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.deduper.DeduperApplication;
import dev.vestibule.events.Sensitivity;
import dev.vestibule.ingress.IngressApplication;
import dev.vestibule.normalizer.NormalizerApplication;
import dev.vestibule.service.Service;
import dev.vestibule.service.ServiceContext;
import dev.vestibule.sink.access.AccessSinks;
import dev.vestibule.sink.slack.SlackSinks;
import dev.vestibule.sink.warehouse.Query;
import dev.vestibule.sink.warehouse.WarehouseSink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Future.State;
import java.util.stream.Stream;

/**
 * All services of an installation side by side. A warehouse is always among them, since it is where
 * a first look goes.
 */
record Pipeline(
    IngressApplication ingress,
    NormalizerApplication normalizer,
    DeduperApplication deduper,
    WarehouseSink warehouse,
    AccessSinks doors,
    SlackSinks slack)
    implements AutoCloseable {
  static final String WAREHOUSE = "warehouse";

  private static final Duration POLL = Duration.ofMillis(20);

  /** Starts all services at once; none of them is ready when this returns. */
  static Pipeline start(ServiceContext context) {
    SinkConfig sink = warehouse(context.config());
    Future<IngressApplication> ingress;
    Future<NormalizerApplication> normalizer;
    Future<DeduperApplication> deduper;
    Future<WarehouseSink> warehouse;
    Future<AccessSinks> doors;
    Future<SlackSinks> slack;
    try (ExecutorService starters = Executors.newVirtualThreadPerTaskExecutor()) {
      deduper = starters.submit(() -> DeduperApplication.start(context));
      normalizer = starters.submit(() -> NormalizerApplication.start(context));
      ingress = starters.submit(() -> IngressApplication.start(context));
      warehouse = starters.submit(() -> WarehouseSink.start(context, sink));
      doors = starters.submit(() -> AccessSinks.start(context));
      slack = starters.submit(() -> SlackSinks.start(context));
    }
    try {
      return new Pipeline(
          Futures.await(ingress),
          Futures.await(normalizer),
          Futures.await(deduper),
          Futures.await(warehouse),
          Futures.await(doors),
          Futures.await(slack));
    } catch (RuntimeException e) {
      Stream.of(ingress, normalizer, deduper, warehouse, doors, slack)
          .filter(started -> started.state() == State.SUCCESS)
          .forEach(started -> started.resultNow().close());
      throw e;
    }
  }

  /** The configured warehouse, or one with the usual grants where none is configured. */
  static SinkConfig warehouse(VestibuleConfig config) {
    List<SinkConfig> warehouses =
        config.sinks().values().stream().filter(sink -> sink.type().equals(WAREHOUSE)).toList();
    if (warehouses.size() > 1) {
      throw new ConfigException(
          "vestibule.sinks." + warehouses.get(1).name(),
          "is a second warehouse; expected one in an installation of one process");
    }
    return warehouses.isEmpty()
        ? new SinkConfig(
            WAREHOUSE, WAREHOUSE, Set.of(Sensitivity.STANDARD, Sensitivity.RESTRICTED), Map.of())
        : warehouses.getFirst();
  }

  /** All sinks of the installation that are part of this. */
  List<SinkConfig> sinks(VestibuleConfig config) {
    List<SinkConfig> sinks = new ArrayList<>(List.of(warehouse(config)));
    sinks.addAll(AccessSinks.configured(config));
    sinks.addAll(SlackSinks.configured(config));
    return sinks;
  }

  /** In the order of the flow. */
  List<Service> services() {
    return List.of(ingress, normalizer, deduper, doors, slack, warehouse);
  }

  /** Questions to the warehouse. */
  Query query() {
    return warehouse.query();
  }

  /** Services that cannot come to do their work any more. */
  List<String> dead() {
    return services().stream().filter(service -> !service.live()).map(Service::name).toList();
  }

  /**
   * Returns when every service is ready, or stands still because it was told to.
   *
   * @throws Failure when a service is not ready in time, or has given up
   */
  void awaitReady(Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    List<String> waiting = waiting();
    while (!waiting.isEmpty()) {
      if (!dead().isEmpty() || System.nanoTime() - deadline > 0) {
        throw new Failure(String.join(", ", waiting) + " did not become ready; the log says why");
      }
      Sleep.of(POLL);
      waiting = waiting();
    }
  }

  private List<String> waiting() {
    return services().stream()
        .filter(service -> !ready(service) && !service.paused())
        .map(Service::name)
        .toList();
  }

  /** The ingress is ready early where a source spools; here every source has to be served. */
  private static boolean ready(Service service) {
    return service.ready() && !(service instanceof IngressApplication i && !i.connected());
  }

  /** Nothing new is accepted first, then what was accepted runs out towards the sinks. */
  @Override
  public void close() {
    List.of(ingress, normalizer, deduper).forEach(Service::close);
    try (ExecutorService closing = Executors.newVirtualThreadPerTaskExecutor()) {
      List.of(doors, slack, warehouse).forEach(sink -> closing.execute(sink::close));
    }
  }
}
