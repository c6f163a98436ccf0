package dev.vestibule.ingress.decision.envoy;

import java.util.Locale;

/** What became of a registration, and what the person who sets the app up reads of it. */
public enum Registration {
  /** Envoy has it. */
  REGISTERED("registered."),
  /** The call does not say which installation it is about. */
  NO_INSTALLATION(
      "Envoy did not say which installation this is, so visitors would not be checked."),
  /** The client id or the client secret is wrong. */
  CREDENTIALS_REFUSED(
      "Envoy does not accept this app's credentials, so visitors would not be checked. Please"
          + " contact the app's administrator."),
  /** Envoy does not let the app register. */
  REFUSED("Envoy refused to turn on checks of visitors. Please contact the app's administrator."),
  /** Envoy could not be reached, was too busy or failed. */
  UNAVAILABLE("Envoy did not turn on checks of visitors just now. Please try again in a minute.");

  private final String message;

  Registration(String message) {
    this.message = message;
  }

  /** A sentence for the person who sets the app up. */
  public String message() {
    return message;
  }

  /** As a metric's tag, e.g. {@code no_installation}. */
  public String tag() {
    return name().toLowerCase(Locale.ROOT);
  }
}
