package dev.vestibule.serde;

import dev.vestibule.events.VisitorEvent;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.util.ClassSecurityValidator;
import org.apache.avro.util.ClassSecurityValidator.ClassSecurityPredicate;

/**
 * Lets Avro instantiate our generated classes. Avro refuses every class that nobody has vouched
 * for, even when a generated builder copies a record or fills in the default of an enum. So the
 * build makes each generated record ask here for its model, and whoever touches one has vouched for
 * all of them.
 */
public final class TrustedEvents {
  static {
    // A class literal does not initialise the class, so this cannot run in a circle.
    String trusted = VisitorEvent.class.getPackageName();
    ClassSecurityPredicate others = ClassSecurityValidator.getGlobal();
    ClassSecurityValidator.setGlobal(
        type -> type.getPackageName().equals(trusted) || others.isTrusted(type));
  }

  private TrustedEvents() {}

  /** A new model for a generated record. */
  public static SpecificData model() {
    return new SpecificData();
  }
}
