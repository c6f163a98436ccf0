package dev.vestibule.standalone;

import dev.vestibule.config.ConfigException;
import dev.vestibule.config.SinkConfig;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.deduper.DeduperApplication;
import dev.vestibule.ingress.IngressApplication;
import dev.vestibule.normalizer.NormalizerApplication;
import dev.vestibule.service.Service;
import dev.vestibule.service.ServiceContext;
import dev.vestibule.sink.warehouse.WarehouseSink;

/** The services that can run alone. The order tells their admin ports apart on one machine. */
enum ServiceKind {
  INGRESS("ingress", "Takes webhooks and publishes them as raw records.") {
    @Override
    Service start(ServiceContext context) {
      return IngressApplication.start(context);
    }
  },
  NORMALIZER("normalizer", "Turns raw records into visitor events.") {
    @Override
    Service start(ServiceContext context) {
      return NormalizerApplication.start(context);
    }
  },
  DEDUPER("deduper", "Keeps each fact once.") {
    @Override
    Service start(ServiceContext context) {
      return DeduperApplication.start(context);
    }
  },
  SINK_WAREHOUSE("sink-warehouse", "Stores events in the warehouse.") {
    @Override
    Service start(ServiceContext context) {
      return WarehouseSink.start(context, warehouse(context.config()));
    }
  };

  private final String command;
  private final String description;

  ServiceKind(String command, String description) {
    this.command = command;
    this.description = description;
  }

  String command() {
    return command;
  }

  String description() {
    return description;
  }

  /**
   * @throws ConfigException when the configuration has nothing for this service
   */
  abstract Service start(ServiceContext context);

  private static SinkConfig warehouse(VestibuleConfig config) {
    return config.sinks().values().stream()
        .filter(sink -> sink.type().equals(Pipeline.WAREHOUSE))
        .findFirst()
        .orElseThrow(() ->
            new ConfigException("vestibule.sinks", "has no sink of type warehouse; expected one"));
  }
}
