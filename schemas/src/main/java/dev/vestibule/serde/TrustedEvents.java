package dev.vestibule.serde;

import dev.vestibule.events.VisitorEvent;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.util.ClassSecurityValidator;
import org.apache.avro.util.ClassSecurityValidator.ClassSecurityPredicate;

/**
 * Lets Avro instantiate our generated classes. Avro refuses every class that nobody has vouched
 * for, even when a generated builder fills in the default of an enum, so this must be in place
 * before the first schema is parsed. Avro finds it as a service and creates it at that moment; the
 * logical type of that name is never used.
 */
public final class TrustedEvents implements LogicalTypes.LogicalTypeFactory {

  /** Called by Avro. */
  public TrustedEvents() {
    // A class literal does not initialise the class, so no schema is parsed here.
    String trusted = VisitorEvent.class.getPackageName();
    ClassSecurityPredicate others = ClassSecurityValidator.getGlobal();
    ClassSecurityValidator.setGlobal(
        type -> type.getPackageName().equals(trusted) || others.isTrusted(type));
  }

  @Override
  public String getTypeName() {
    return "vestibule-trusted-events";
  }

  @Override
  public LogicalType fromSchema(Schema schema) {
    return new LogicalType(getTypeName());
  }
}
