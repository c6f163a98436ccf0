package dev.vestibule.normalizer;

import dev.vestibule.config.ConfigException;
import dev.vestibule.config.SourceConfig;
import dev.vestibule.contract.Vendor;
import dev.vestibule.normalizer.adapter.FieldMapping;
import java.util.Map;

/**
 * Settings by source. A record outlives its source's name, so a source that is gone is looked for
 * by vendor and account, under which it may have been renamed.
 */
final class Sources {
  private static final String TYPE_PREFIX = "type:";

  private final Map<String, SourceConfig> byName;

  /**
   * @throws ConfigException when a mapping names an unknown event field or type
   */
  Sources(Map<String, SourceConfig> byName) {
    byName.values().forEach(Sources::check);
    this.byName = byName;
  }

  SourceConfig of(String name, Vendor vendor, String account) {
    SourceConfig source = byName.get(name);
    if (source != null && source.vendor() == vendor) {
      return source;
    }
    return byName.values().stream()
        .filter(other -> other.vendor() == vendor && other.account().equals(account))
        .findFirst()
        .orElseGet(() -> SourceConfig.of(name, vendor, account));
  }

  private static void check(SourceConfig source) {
    String key = "vestibule.sources." + source.name();
    source.states().forEach((state, type) -> checkType(key + ".states." + state, type));
    source
        .mapping()
        .forEach((field, value) -> {
          String at = key + ".mapping." + field;
          if (field.startsWith(TYPE_PREFIX)) {
            checkType(at, value);
          } else if (!FieldMapping.knows(field)) {
            throw new ConfigException(at, "expected type:<vendor type> or an event field");
          } else if (source.vendor() == Vendor.STANDARD_WEBHOOKS && !value.startsWith("/")) {
            throw new ConfigException(at, "\"" + value + "\", expected a JSON pointer");
          }
        });
  }

  private static void checkType(String key, String type) {
    if (FieldMapping.type(type).isEmpty()) {
      throw new ConfigException(key, "\"" + type + "\", expected an event type");
    }
  }
}
