package dev.vestibule.standalone;

import dev.vestibule.config.IngressConfig;
import dev.vestibule.config.Secret;
import dev.vestibule.service.AdminServer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Who may use the admin port. Data is shown to holders of the token only; health and metrics need
 * it where the operator set one.
 *
 * @param token from {@code VESTIBULE_ADMIN_TOKEN}, else made for this run
 * @param demanded whether all routes ask for it
 */
record AdminAccess(Secret token, boolean demanded) {
  private static final int TOKEN_BYTES = 32;
  private static final String BEARER = "Bearer ";

  static AdminAccess fromEnvironment() {
    String given = System.getenv("VESTIBULE_ADMIN_TOKEN");
    if (given != null && !given.isBlank()) {
      return new AdminAccess(new Secret(given), true);
    }
    byte[] bytes = new byte[TOKEN_BYTES];
    new SecureRandom().nextBytes(bytes);
    return new AdminAccess(new Secret(HexFormat.of().formatHex(bytes)), false);
  }

  /** Whether an {@code Authorization} header, if there was one, names the token. */
  boolean admits(@Nullable String authorization) {
    return authorization != null
        && authorization.startsWith(BEARER)
        && token.matches(authorization.substring(BEARER.length()).getBytes(StandardCharsets.UTF_8));
  }

  /**
   * @throws Failure when the address cannot be used
   */
  AdminServer open(IngressConfig config, int port, PrometheusMeterRegistry meters) {
    try {
      return AdminServer.start(config.adminHost(), port, meters, demanded ? token : null);
    } catch (IOException e) {
      throw new Failure(
          "admin port %d on %s cannot be opened: %s"
              .formatted(port, config.adminHost(), e.getMessage()),
          e);
    }
  }
}
