package dev.vestibule.contract;

import dev.vestibule.events.Sensitivity;
import java.util.Arrays;
import java.util.Optional;

/** A webhook format that Vestibule speaks. */
public enum Vendor {
  ENVOY("envoy"),
  SIGN_IN_APP("sign-in-app"),
  ESSENTRY("essentry"),
  KYBERACCESS("kyberaccess"),
  CURACEL("curacel"),
  STANDARD_WEBHOOKS("standard-webhooks");

  private final String id;

  Vendor(String id) {
    this.id = id;
  }

  /** The name used in configuration, topics, headers and events. */
  public String id() {
    return id;
  }

  /** Topic that holds this vendor's raw records. */
  public String rawTopic() {
    return Topics.RAW_PREFIX + id;
  }

  /**
   * The least sensitivity of everything this vendor sends. Curacel's whole feed is health data; for
   * the others the event type decides.
   */
  public Sensitivity baseSensitivity() {
    return this == CURACEL ? Sensitivity.HEALTH : Sensitivity.STANDARD;
  }

  public static Optional<Vendor> byId(String id) {
    return Arrays.stream(values()).filter(vendor -> vendor.id.equals(id)).findFirst();
  }

  @Override
  public String toString() {
    return id;
  }
}
