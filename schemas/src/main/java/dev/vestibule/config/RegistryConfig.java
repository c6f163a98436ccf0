package dev.vestibule.config;

import org.jspecify.annotations.Nullable;

/**
 * A Confluent-compatible schema registry.
 *
 * @param url base URL, or null where the embedded one is meant
 * @param username for HTTP Basic, or null
 * @param password for HTTP Basic, or null
 */
public record RegistryConfig(
    @Nullable String url, @Nullable String username, @Nullable Secret password) {

  /**
   * {@code user:password} for HTTP Basic, or null where none is configured. Never to be printed.
   */
  public @Nullable String userInfo() {
    return username == null || password == null ? null : username + ":" + password.reveal();
  }
}
