package dev.vestibule.standalone;

import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes apart what was put together. */
final class Closing {
  private static final Logger LOG = LoggerFactory.getLogger(Closing.class);

  private Closing() {}

  /** Closes from the top down to the first part pushed; one that fails stops none of the others. */
  static void all(Deque<AutoCloseable> parts) {
    while (!parts.isEmpty()) {
      AutoCloseable part = parts.pop();
      try {
        part.close();
      } catch (Exception e) {
        LOG.atError().setCause(e).addKeyValue("part", part.getClass().getName()).log("stop failed");
      }
    }
  }
}
