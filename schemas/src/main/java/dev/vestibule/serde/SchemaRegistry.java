package dev.vestibule.serde;

import org.apache.avro.Schema;

/** What the serializers need of a schema registry. Implementations are safe for several threads. */
public interface SchemaRegistry {

  /**
   * Makes the schema known under the subject, or finds it there.
   *
   * @return the id that stands for the schema in record values
   * @throws RegistryException when the registry refuses the schema or cannot be reached
   */
  int register(String subject, Schema schema);

  /**
   * Finds the schema under the subject without adding it.
   *
   * @return the id that stands for the schema in record values
   * @throws RegistryException when the subject does not hold the schema, or the registry cannot be
   *     reached
   */
  int lookup(String subject, Schema schema);

  /**
   * The schema that an id stands for.
   *
   * @throws RegistryException when the id is unknown or the registry cannot be reached
   */
  Schema byId(int id);
}
