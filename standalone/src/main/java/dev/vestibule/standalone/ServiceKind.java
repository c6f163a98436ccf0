package dev.vestibule.standalone;

import dev.vestibule.config.ConfigException;
import dev.vestibule.config.SinkConfig;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.deduper.DeduperApplication;
import dev.vestibule.ingress.IngressApplication;
import dev.vestibule.normalizer.NormalizerApplication;
import dev.vestibule.service.Service;
import dev.vestibule.service.ServiceContext;
import dev.vestibule.sink.access.AccessSinks;
import dev.vestibule.sink.slack.SlackSinks;
import dev.vestibule.sink.warehouse.WarehouseSink;
import java.util.ArrayList;
import java.util.List;

/** The services that can run alone. */
enum ServiceKind {
  INGRESS("ingress", 0, "Takes webhooks and publishes them as raw records.") {
    @Override
    Service start(ServiceContext context) {
      return IngressApplication.start(context);
    }
  },
  NORMALIZER("normalizer", 1, "Turns raw records into visitor events.") {
    @Override
    Service start(ServiceContext context) {
      return NormalizerApplication.start(context);
    }
  },
  DEDUPER("deduper", 2, "Keeps each fact once.") {
    @Override
    Service start(ServiceContext context) {
      return DeduperApplication.start(context);
    }
  },
  SINK_WAREHOUSE("sink-warehouse", 3, "Stores events in the warehouse.") {
    @Override
    Service start(ServiceContext context) {
      return WarehouseSink.start(context, warehouse(context.config()));
    }
  },
  SINK_ACCESS_CONTROL(AccessSinks.NAME, 4, "Opens and closes doors.") {
    @Override
    Service start(ServiceContext context) {
      if (AccessSinks.configured(context.config()).isEmpty()) {
        throw new ConfigException(
            "vestibule.sinks", "has no sink of type access-control; expected at least one");
      }
      return AccessSinks.start(context);
    }
  },
  SINK_SLACK(SlackSinks.NAME, 5, "Tells people in Slack, and asks those who may answer.") {
    @Override
    Service start(ServiceContext context) {
      if (SlackSinks.configured(context.config()).isEmpty()) {
        throw new ConfigException(
            "vestibule.sinks", "has no sink of type slack; expected at least one");
      }
      return SlackSinks.start(context);
    }
  };

  private final String command;
  private final int adminPortOffset;
  private final String description;

  ServiceKind(String command, int adminPortOffset, String description) {
    this.command = command;
    this.adminPortOffset = adminPortOffset;
    this.description = description;
  }

  String command() {
    return command;
  }

  /** Keeps admin ports apart where several services run on one machine. */
  int adminPortOffset() {
    return adminPortOffset;
  }

  String description() {
    return description;
  }

  /**
   * @throws ConfigException when the configuration has nothing for this service
   */
  abstract Service start(ServiceContext context);

  /** The configured sinks for which there is a service. */
  static List<SinkConfig> sinks(VestibuleConfig config) {
    List<SinkConfig> sinks = new ArrayList<>(warehouses(config));
    sinks.addAll(AccessSinks.configured(config));
    sinks.addAll(SlackSinks.configured(config));
    return sinks;
  }

  private static List<SinkConfig> warehouses(VestibuleConfig config) {
    return config.sinks().values().stream()
        .filter(sink -> sink.type().equals(Pipeline.WAREHOUSE))
        .toList();
  }

  private static SinkConfig warehouse(VestibuleConfig config) {
    return warehouses(config).stream()
        .findFirst()
        .orElseThrow(() ->
            new ConfigException("vestibule.sinks", "has no sink of type warehouse; expected one"));
  }
}
