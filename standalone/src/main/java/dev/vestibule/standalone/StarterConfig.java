package dev.vestibule.standalone;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Random;

/** The configuration that a new data folder begins with: one source of every vendor. */
final class StarterConfig {
  static final String FILE = "vestibule.yml";
  private static final int SECRET_BYTES = 24;

  private StarterConfig() {}

  /**
   * Writes the file with new secrets where there is none yet.
   *
   * @return whether it was written
   */
  static boolean create(Path file, Random random) throws IOException {
    if (Files.exists(file)) {
      return false;
    }
    OwnerOnly.write(file, text(random));
    return true;
  }

  private static String text(Random random) {
    return """
    # Written by the first `vestibule up` on this folder; yours to change. The secrets were made at
    # random: give each to the vendor that is to use it, or put the vendor's own in its place.
    vestibule:
      sources:
        # POST to /hooks/<name>
        hq-envoy:
          vendor: envoy
          secrets: ["%s"]
        lobby-sia:
          vendor: sign-in-app
          secrets: ["%s"]
        berlin:
          vendor: essentry
          auth: { scheme: static-header, header: Authorization, value: "Bearer %s" }
        hq-kyber:
          vendor: kyberaccess
          secrets: ["%s"]
        clinics:
          vendor: curacel
          secrets: ["%s"]
          signature: required
        partner:
          vendor: standard-webhooks
          secrets: ["whsec_%s"]
      sinks:
        warehouse:
          type: warehouse
    """
        .formatted(
            hex(random),
            hex(random),
            hex(random),
            hex(random),
            hex(random),
            Base64.getEncoder().encodeToString(bytes(random)));
  }

  private static String hex(Random random) {
    return HexFormat.of().formatHex(bytes(random));
  }

  private static byte[] bytes(Random random) {
    byte[] bytes = new byte[SECRET_BYTES];
    random.nextBytes(bytes);
    return bytes;
  }
}
