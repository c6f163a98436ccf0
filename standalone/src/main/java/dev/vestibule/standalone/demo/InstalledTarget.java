package dev.vestibule.standalone.demo;

import dev.vestibule.serde.HttpSchemaRegistry;
import dev.vestibule.serde.SchemaRegistry;
import dev.vestibule.sink.warehouse.Answer;
import dev.vestibule.standalone.Installation;
import java.io.IOException;
import java.net.URI;
import java.util.Properties;

/** An installation of this process, asked over the same addresses as by anybody else. */
final class InstalledTarget implements DemoTarget {
  private final Installation installation;
  private final HttpSchemaRegistry registry;

  InstalledTarget(Installation installation) {
    this.installation = installation;
    this.registry = new HttpSchemaRegistry(installation.registryUrl(), null);
  }

  @Override
  public URI ingress() {
    return URI.create(installation.ingressUrl());
  }

  @Override
  public Properties kafka() {
    Properties kafka = new Properties();
    kafka.put("bootstrap.servers", installation.bootstrap());
    return kafka;
  }

  @Override
  public SchemaRegistry registry() {
    return registry;
  }

  @Override
  public long warehouseRows() throws IOException {
    return switch (installation.query().ask("SELECT count(*) FROM visitor_event")) {
      case Answer.Rows rows when rows.rows().getFirst().getFirst() instanceof Number count ->
          count.longValue();
      case Answer.Rows rows -> throw new IOException("a count is no number");
      case Answer.Refused refused -> throw new IOException(refused.message());
    };
  }

  @Override
  public void close() {
    registry.close();
    installation.close();
  }
}
