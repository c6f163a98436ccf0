package dev.vestibule.normalizer.adapter;

import dev.vestibule.config.SourceConfig;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One accepted delivery as adapters see it.
 *
 * @param source settings of the source; its name and account may be newer than the record's
 * @param sourceName name of the source when the record was accepted
 * @param account permanent id of the account
 * @param requestId UUID that the ingress gave to the request
 * @param deliveryId the vendor's id of the delivery, or null; trust it only where it is signed
 * @param receivedAt when the ingress accepted the request
 * @param signedAt time that the signature covers, or null
 * @param path how the record came in
 * @param body the stored body
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared; copying a body of 1 MiB buys nothing.
public record Delivery(
    SourceConfig source,
    String sourceName,
    String account,
    String requestId,
    @Nullable String deliveryId,
    Instant receivedAt,
    @Nullable Instant signedAt,
    DeliveryPath path,
    byte[] body) {

  @Override
  public String toString() {
    return "Delivery[" + requestId + "]";
  }
}
