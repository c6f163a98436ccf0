package dev.vestibule.standalone;

import dev.vestibule.config.IngressConfig;
import dev.vestibule.config.Secret;
import dev.vestibule.service.AdminServer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * Who may use the admin port. Data is shown to holders of the token only; health and metrics need
 * it where the operator set one.
 *
 * @param token from {@code VESTIBULE_ADMIN_TOKEN}, else made for this run
 * @param demanded whether all routes ask for it
 */
record AdminAccess(Secret token, boolean demanded) {
  private static final int TOKEN_BYTES = 32;

  static AdminAccess fromEnvironment() {
    String given = System.getenv("VESTIBULE_ADMIN_TOKEN");
    if (given != null && !given.isBlank()) {
      return new AdminAccess(new Secret(given), true);
    }
    byte[] bytes = new byte[TOKEN_BYTES];
    new SecureRandom().nextBytes(bytes);
    return new AdminAccess(new Secret(HexFormat.of().formatHex(bytes)), false);
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
