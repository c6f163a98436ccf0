package dev.vestibule.standalone.demo;

import dev.vestibule.serde.SchemaRegistry;
import java.net.URI;
import java.util.Properties;

/** The running installation, as far as the demo needs to know it. */
public interface DemoTarget extends AutoCloseable {

  /** Base address of the public port. */
  URI ingress();

  /** How to reach Kafka: {@code bootstrap.servers} and whatever else a client needs. */
  Properties kafka();

  SchemaRegistry registry();

  /**
   * Events that the warehouse holds.
   *
   * @throws java.io.IOException when it cannot be asked right now
   */
  long warehouseRows() throws java.io.IOException, InterruptedException;

  @Override
  void close();
}
