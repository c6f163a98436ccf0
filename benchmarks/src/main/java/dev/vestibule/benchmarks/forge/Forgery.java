package dev.vestibule.benchmarks.forge;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request in the hands of a forger. Every char of a header stands for one byte on the wire, so
 * that text beyond ASCII is what a server would see of it.
 */
final class Forgery {
  String source;
  @Nullable String pathKey;
  final List<Header> headers;
  byte[] body;

  /** One header line. */
  record Header(String name, String value) {}

  Forgery(String source, @Nullable String pathKey, List<Header> headers, byte[] body) {
    this.source = source;
    this.pathKey = pathKey;
    this.headers = new ArrayList<>(headers);
    this.body = body;
  }

  /** To be changed apart; the body's bytes are shared and replaced, never written to. */
  Forgery copy() {
    return new Forgery(source, pathKey, headers, body);
  }

  /** As it is after travelling: blanks around a value do not arrive. */
  Forgery onTheWire() {
    return new Forgery(
        source,
        pathKey,
        headers.stream()
            .map(header ->
                new Header(header.name(), header.value().replaceAll("^[ \t]+|[ \t]+$", "")))
            .toList(),
        body);
  }

  /** All values of a header, whose name compares without case. */
  List<String> all(String name) {
    List<String> values = new ArrayList<>(1);
    for (Header header : headers) {
      if (header.name().equalsIgnoreCase(name)) {
        values.add(header.value());
      }
    }
    return values;
  }

  /** The value of a header that is there exactly once, else null. */
  @Nullable String only(String name) {
    List<String> values = all(name);
    return values.size() == 1 ? values.getFirst() : null;
  }

  /** Where a header stands first, or -1. */
  int indexOf(String name) {
    for (int index = 0; index < headers.size(); index++) {
      if (headers.get(index).name().equalsIgnoreCase(name)) {
        return index;
      }
    }
    return -1;
  }

  void set(String name, String value) {
    int index = indexOf(name);
    if (index < 0) {
      headers.add(new Header(name, value));
    } else {
      headers.set(index, new Header(headers.get(index).name(), value));
    }
  }

  /** Any text as the bytes of a header. */
  static String wire(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  @Override
  public String toString() {
    return "Forgery[" + source + "]";
  }
}
