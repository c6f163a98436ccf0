package dev.vestibule.config;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A node of the configuration as it was written, before anybody gives it a meaning. */
sealed interface Setting {

  /** What a reader would call it. */
  String kind();

  /**
   * One value; never interpreted before its meaning is known, so a secret {@code 0123} keeps its
   * zero.
   *
   * @param variable environment variable that set it, or null when it stands in the file
   */
  record Text(String value, @Nullable String variable) implements Setting {
    @Override
    public String kind() {
      return "a single value";
    }

    @Override
    public String toString() {
      return "Text[redacted]";
    }
  }

  /** A list; may be changed by the environment. */
  record Items(List<Setting> values) implements Setting {
    @Override
    public String kind() {
      return "a list";
    }
  }

  /** Keys with values in the order of the file; may be changed by the environment. */
  record Group(Map<String, Setting> values) implements Setting {
    @Override
    public String kind() {
      return "keys";
    }
  }
}
