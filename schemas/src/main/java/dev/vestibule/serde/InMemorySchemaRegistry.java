package dev.vestibule.serde;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.Schema;

/** A registry that lives and dies with its object. Ids start at 1; equal schemas share one. */
public final class InMemorySchemaRegistry implements SchemaRegistry {
  private final List<Schema> schemas = new ArrayList<>();
  private final Map<String, Set<Integer>> subjects = new HashMap<>();

  @Override
  public synchronized int register(String subject, Schema schema) {
    int index = schemas.indexOf(schema);
    if (index < 0) {
      schemas.add(schema);
      index = schemas.size() - 1;
    }
    subjects.computeIfAbsent(subject, name -> new HashSet<>()).add(index + 1);
    return index + 1;
  }

  @Override
  public synchronized int lookup(String subject, Schema schema) {
    int id = schemas.indexOf(schema) + 1;
    if (!subjects.getOrDefault(subject, Set.of()).contains(id)) {
      throw new RegistryException("subject " + subject + " does not hold the schema");
    }
    return id;
  }

  @Override
  public synchronized Schema byId(int id) {
    if (id < 1 || id > schemas.size()) {
      throw new RegistryException("schema id " + id + " is unknown");
    }
    return schemas.get(id - 1);
  }
}
