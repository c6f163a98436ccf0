package dev.vestibule.standalone.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vestibule.contract.Vendor;
import java.nio.charset.StandardCharsets;

/**
 * What a vendor has to say, before it is signed: the exact bytes and its id of the delivery.
 * Posting the same message twice is a repeated delivery.
 */
public final class Message {
  private final Vendor vendor;
  private final String name;
  private final String deliveryId;
  private final byte[] body;

  /**
   * @param name what kind of message it is, as in {@link Samples#names}
   */
  public Message(Vendor vendor, String name, String deliveryId, byte[] body) {
    this.vendor = vendor;
    this.name = name;
    this.deliveryId = deliveryId;
    this.body = body.clone();
  }

  static Message of(Vendor vendor, String name, String deliveryId, JsonNode tree) {
    return new Message(vendor, name, deliveryId, Wire.bytes(vendor, tree));
  }

  public Vendor vendor() {
    return vendor;
  }

  public String name() {
    return name;
  }

  public String deliveryId() {
    return deliveryId;
  }

  public byte[] body() {
    return body.clone();
  }

  /** The same message, sent once more as a delivery of its own. */
  public Message redelivered(String otherDeliveryId) {
    return new Message(vendor, name, otherDeliveryId, body);
  }

  /** The bytes as text, for tests and tools; never for a log. */
  public String text() {
    return new String(body, StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return "Message[" + vendor + " " + name + ", " + body.length + " bytes]";
  }
}
