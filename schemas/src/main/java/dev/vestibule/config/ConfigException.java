package dev.vestibule.config;

/** A broken configuration. The message is one line: the key, the value, and what is expected. */
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ConfigException(String key, String problem) {
    super(key + ": " + problem);
  }
}
