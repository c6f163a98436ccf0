package dev.vestibule.ingress.signature;

import java.util.List;

/** The headers of a request. */
@FunctionalInterface
public interface HeaderValues {

  /**
   * Every value of a header in the order of arrival, one per header line; names compare without
   * case. Each char of a value stands for one received byte.
   */
  List<String> all(String name);
}
