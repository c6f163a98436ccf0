package dev.vestibule.ingress.webhook;

import dev.vestibule.config.ClientCertificate;
import dev.vestibule.config.ScreenConfig;
import dev.vestibule.contract.Vendor;
import dev.vestibule.ingress.publish.RawRecords;
import dev.vestibule.ingress.signature.Verifier;
import dev.vestibule.ingress.vendor.VendorProfile;
import io.github.resilience4j.ratelimiter.RateLimiter;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import javax.security.auth.x500.X500Principal;
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
 * @param spooled whether its requests may be answered from the spool
 * @param screen how its visitors are screened; null where it has no calls for that
 * @param clientCertificate what it must show when it connects, or null
 */
record Source(
    String name,
    Vendor vendor,
    String account,
    VendorProfile profile,
    Verifier verifier,
    int maxBodyBytes,
    @Nullable RateLimiter rateLimiter,
    SenderNetworks networks,
    @Nullable ClientCertificate clientCertificate,
    boolean spooled,
    @Nullable ScreenConfig screen) {

  /** Whether a sender has shown what it must. */
  boolean knows(@Nullable X509Certificate shown) {
    if (clientCertificate == null) {
      return true;
    }
    if (shown == null) {
      return false;
    }
    String subject = clientCertificate.subject();
    String fingerprint = clientCertificate.fingerprint();
    return (subject == null || new X500Principal(subject).equals(shown.getSubjectX500Principal()))
        && (fingerprint == null || fingerprint.equals(fingerprint(shown)));
  }

  private static String fingerprint(X509Certificate certificate) {
    try {
      return RawRecords.sha256(certificate.getEncoded());
    } catch (CertificateEncodingException e) {
      return "";
    }
  }

  /** The same source with other secrets: it asks for other proof, and shows other proof itself. */
  Source with(Verifier otherVerifier, @Nullable ScreenConfig otherScreen) {
    return new Source(
        name,
        vendor,
        account,
        profile,
        otherVerifier,
        maxBodyBytes,
        rateLimiter,
        networks,
        clientCertificate,
        spooled,
        otherScreen);
  }
}
