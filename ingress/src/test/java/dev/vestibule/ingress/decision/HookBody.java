package dev.vestibule.ingress.decision;

import java.nio.charset.StandardCharsets;

/** Bodies of hook calls, as Envoy sends them. */
public final class HookBody {
  private HookBody() {}

  /**
   * @param site id of the place, or empty
   */
  public static byte[] entry(String id, String name, String site) {
    return """
    {"meta":{"event":"entry_sign_in","config":{},"job":{"id":"18d84a69"},%s"auth":null},
     "payload":{"id":"%s","type":"entries","attributes":{"full-name":"%s","host":"Sam Host",
       "user-data":[{"field":"Purpose of visit","value":"Meeting"}]},"relationships":{}}}
    """
        .formatted(
            site.isEmpty()
                ? ""
                : "\"location\":{\"id\":\"%s\",\"attributes\":{\"timezone\":\"Europe/Berlin\"}},"
                    .formatted(site),
            id,
            name)
        .getBytes(StandardCharsets.UTF_8);
  }
}
