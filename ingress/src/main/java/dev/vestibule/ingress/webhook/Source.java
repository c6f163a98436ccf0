package dev.vestibule.ingress.webhook;

import dev.vestibule.contract.Vendor;
import dev.vestibule.ingress.signature.Verifier;
import dev.vestibule.ingress.vendor.VendorProfile;
import io.github.resilience4j.ratelimiter.RateLimiter;
import org.jspecify.annotations.Nullable;

/**
 * A configured sender, ready to serve.
 *
 * @param name configured name
 * @param vendor whose format it speaks
 * @param account permanent id that scopes all keys
 * @param profile the vendor's entry
 * @param verifier decides whether a request is genuine
 * @param maxBodyBytes a body of exactly this size is accepted
 * @param rateLimiter or null for no limit
 * @param networks from where it may send
 */
record Source(
    String name,
    Vendor vendor,
    String account,
    VendorProfile profile,
    Verifier verifier,
    int maxBodyBytes,
    @Nullable RateLimiter rateLimiter,
    SenderNetworks networks) {

  /** The same source, which asks for other proof. */
  Source with(Verifier other) {
    return new Source(name, vendor, account, profile, other, maxBodyBytes, rateLimiter, networks);
  }
}
