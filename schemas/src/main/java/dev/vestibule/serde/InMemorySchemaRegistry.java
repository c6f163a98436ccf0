package dev.vestibule.serde;

import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;

/** A registry that lives and dies with its object. Ids start at 1; equal schemas share one. */
public final class InMemorySchemaRegistry implements SchemaRegistry {
  private final List<Schema> schemas = new ArrayList<>();

  @Override
  public synchronized int register(String subject, Schema schema) {
    int index = schemas.indexOf(schema);
    if (index < 0) {
      schemas.add(schema);
      index = schemas.size() - 1;
    }
    return index + 1;
  }

  @Override
  public synchronized Schema byId(int id) {
    if (id < 1 || id > schemas.size()) {
      throw new RegistryException("schema id " + id + " is unknown");
    }
    return schemas.get(id - 1);
  }
}
