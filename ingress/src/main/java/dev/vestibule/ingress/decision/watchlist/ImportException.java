package dev.vestibule.ingress.decision.watchlist;

import java.io.IOException;

/** A file that cannot be read any further: says where, why and what to do, and quotes no value. */
public final class ImportException extends IOException {
  ImportException(String message) {
    super(message);
  }
}
