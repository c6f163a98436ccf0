package dev.vestibule.control;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** A service that writes topics whose partitions can grow. */
public enum WriterKind {
  INGRESS,
  NORMALIZER,
  DEDUPER;

  /** The name used in records and on the command line. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Optional<WriterKind> byId(String id) {
    return Arrays.stream(values()).filter(kind -> kind.id().equals(id)).findFirst();
  }
}
