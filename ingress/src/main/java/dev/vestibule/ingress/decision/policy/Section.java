package dev.vestibule.ingress.decision.policy;

import dev.cel.common.values.SelectableValue;
import java.util.Map;
import java.util.Optional;

/**
 * The facts of one section, as CEL selects them: {@code has(visitor.email)} asks {@link #find},
 * {@code visitor.email} asks {@link #select}.
 */
record Section(String name, Map<String, Object> values) implements SelectableValue<String> {

  @Override
  public Object select(String field) {
    Object value = values.get(field);
    if (value == null) {
      throw new MissingFactException(name + "." + field);
    }
    return value;
  }

  @Override
  public Optional<Object> find(String field) {
    return Optional.ofNullable(values.get(field));
  }

  @Override
  public String toString() {
    return name + values.keySet();
  }
}
