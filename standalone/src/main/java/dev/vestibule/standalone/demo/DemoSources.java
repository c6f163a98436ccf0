package dev.vestibule.standalone.demo;

import java.net.URI;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * The senders of the demo's installation and the configuration file that describes them. Secrets
 * are made for each run.
 */
final class DemoSources {
  static final String ENVOY = "hq-envoy";
  static final String SIGN_IN_APP = "lobby-sia";
  static final String ESSENTRY = "berlin";
  static final String KYBERACCESS = "hq-kyber";
  static final String KYBERACCESS_SECOND = "hq-kyber-visitors";
  static final String CURACEL = "clinics";
  static final String STANDARD_WEBHOOKS = "partner";

  /** Where visits happen: one source of each format. */
  static final List<String> FRONT_DESKS =
      List.of(ENVOY, SIGN_IN_APP, ESSENTRY, KYBERACCESS, CURACEL, STANDARD_WEBHOOKS);

  private DemoSources() {}

  /** Who may enter where: the demo's day began some hours ago, so what is hours old opens doors. */
  static final String RULES =
      """
      max-age: 12h
      sites:
        - { source: hq-kyber, site: loc_143, target: doors, zones: [main-entrance], from: signed-in - 15m, until: signed-in + 12h }
      """;

  /** Doors that the controller has. */
  static final Set<String> ZONES = Set.of("main-entrance", "server-room");

  /** What signs messages to a controller of doors. */
  static String doorsSecret(Random random) {
    return "whsec_" + Base64.getEncoder().encodeToString(bytes(random));
  }

  /**
   * A configuration file with new secrets.
   *
   * @param doors where a controller of doors listens
   * @param doorsSecret what signs messages to it
   * @param slack the section of the sink that writes to Slack
   */
  static String yaml(Random random, URI doors, String doorsSecret, String slack) {
    return """
    vestibule:
      sources:
        hq-envoy:          { vendor: envoy, secrets: ["%s"] }
        lobby-sia:         { vendor: sign-in-app, secrets: ["%s"] }
        berlin:            { vendor: essentry, auth: { scheme: static-header, header: Authorization, value: "Bearer %s" } }
        hq-kyber:          { vendor: kyberaccess, secrets: ["%s"], account: hq }
        hq-kyber-visitors: { vendor: kyberaccess, secrets: ["%s"], account: hq }
        clinics:           { vendor: curacel, secrets: ["%s"], signature: required }
        partner:           { vendor: standard-webhooks, secrets: ["whsec_%s"] }
      sinks:
        warehouse: { type: warehouse, sensitivities: [standard, restricted] }
        doors:     { type: access-control, target: standard-webhooks, url: "%s", secrets: ["%s"], allowed-hosts: [127.0.0.1], rules: doors.yml, calls-per-second: 100 }
        frontdesk: %s
    """
        .formatted(
            secret(random),
            secret(random),
            secret(random),
            secret(random),
            secret(random),
            secret(random),
            Base64.getEncoder().encodeToString(bytes(random)),
            doors,
            doorsSecret,
            slack);
  }

  private static String secret(Random random) {
    return HexFormat.of().formatHex(bytes(random));
  }

  private static byte[] bytes(Random random) {
    byte[] bytes = new byte[24];
    random.nextBytes(bytes);
    return bytes;
  }
}
