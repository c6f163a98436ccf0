package dev.vestibule.config;

import dev.vestibule.contract.Vendor;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One configured sender.
 *
 * @param name unique over sources and sinks; part of the URL
 * @param vendor whose format it speaks
 * @param account permanent id that scopes all keys; default the name
 * @param secrets signing secrets, all active (rotation); may be empty when {@code auth} stands
 *     instead
 * @param auth another way to authenticate, or null for the vendor's own signature
 * @param signature whether the vendor's signature is demanded
 * @param pathKeys secrets for {@code /hooks/{source}/key/{pathKey}}; empty when that route is
 *     closed
 * @param pastTolerance greatest age of a signed time, or null for the vendor's default
 * @param futureTolerance how far a signed time may lie ahead, or null for the vendor's default
 * @param maxBodyBytes largest body in bytes; a body of exactly this size is accepted
 * @param rateLimit requests per second, or null for no limit
 * @param allowedNetworks CIDR blocks that may send; empty for everybody
 * @param trustedProxies CIDR blocks whose {@code X-Forwarded-For} is believed; empty for nobody
 * @param states essentry: state text (lower case) to event type name
 * @param mapping Standard Webhooks: event field (e.g. {@code visit.id}) to JSON pointer in the
 *     body; {@code type:<vendor type>} to event type name. Sign In App: event field (e.g. {@code
 *     person.email}) to the question's text
 * @param siteId essentry: the place that this source stands for, or null
 * @param spool whether requests may be answered from the local spool while Kafka is away, or null
 *     for the vendor's default
 * @param clientCertificate what the sender must show when it connects, or null
 * @param screen envoy: how visitors are screened at the door; null where nothing is said of it
 * @param credential essentry: where an access credential tells its facts
 */
public record SourceConfig(
    String name,
    Vendor vendor,
    String account,
    List<Secret> secrets,
    @Nullable AuthConfig auth,
    SignatureMode signature,
    List<Secret> pathKeys,
    @Nullable Duration pastTolerance,
    @Nullable Duration futureTolerance,
    int maxBodyBytes,
    @Nullable Integer rateLimit,
    List<String> allowedNetworks,
    List<String> trustedProxies,
    Map<String, String> states,
    Map<String, String> mapping,
    @Nullable String siteId,
    @Nullable Boolean spool,
    @Nullable ClientCertificate clientCertificate,
    @Nullable ScreenConfig screen,
    CredentialConfig credential) {

  /** A source whose later settings are at their defaults. */
  public SourceConfig(
      String name,
      Vendor vendor,
      String account,
      List<Secret> secrets,
      @Nullable AuthConfig auth,
      SignatureMode signature,
      List<Secret> pathKeys,
      @Nullable Duration pastTolerance,
      @Nullable Duration futureTolerance,
      int maxBodyBytes,
      @Nullable Integer rateLimit,
      List<String> allowedNetworks,
      List<String> trustedProxies,
      Map<String, String> states,
      Map<String, String> mapping,
      @Nullable String siteId) {
    this(
        name,
        vendor,
        account,
        secrets,
        auth,
        signature,
        pathKeys,
        pastTolerance,
        futureTolerance,
        maxBodyBytes,
        rateLimit,
        allowedNetworks,
        trustedProxies,
        states,
        mapping,
        siteId,
        null,
        null,
        null,
        CredentialConfig.DEFAULT);
  }

  /** Default limit of a body: 1 MiB. */
  public static final int DEFAULT_MAX_BODY_BYTES = 1024 * 1024;

  /** Whether the vendor's signature is demanded. */
  public enum SignatureMode {
    /** No signature, no entry. */
    REQUIRED,
    /** A signature that is there must fit; without one the path key decides. */
    IF_PRESENT,
    /** Signatures are ignored; the path key decides. */
    OFF
  }

  /** The same source, which spools or does not. */
  public SourceConfig withSpool(boolean spools) {
    return with(secrets, auth, pathKeys, spools, screen, credential);
  }

  /** The same source, which screens like this. */
  public SourceConfig withScreen(ScreenConfig other) {
    return with(secrets, auth, pathKeys, spool, other, credential);
  }

  /** The same source, whose access credentials tell their facts there. */
  public SourceConfig withCredential(CredentialConfig other) {
    return with(secrets, auth, pathKeys, spool, screen, other);
  }

  /**
   * This source with the secrets of another version of it; everything else stays, and so do the
   * values of {@code auth} where the other version authenticates in another way.
   */
  public SourceConfig withSecretsOf(SourceConfig other) {
    return with(
        other.secrets,
        auth == null || other.auth == null ? auth : auth.withValuesOf(other.auth),
        other.pathKeys,
        spool,
        screen == null || other.screen == null ? screen : screen.withSecretsOf(other.screen),
        credential);
  }

  private SourceConfig with(
      List<Secret> otherSecrets,
      @Nullable AuthConfig otherAuth,
      List<Secret> otherPathKeys,
      @Nullable Boolean otherSpool,
      @Nullable ScreenConfig otherScreen,
      CredentialConfig otherCredential) {
    return new SourceConfig(
        name,
        vendor,
        account,
        otherSecrets,
        otherAuth,
        signature,
        otherPathKeys,
        pastTolerance,
        futureTolerance,
        maxBodyBytes,
        rateLimit,
        allowedNetworks,
        trustedProxies,
        states,
        mapping,
        siteId,
        otherSpool,
        clientCertificate,
        otherScreen,
        otherCredential);
  }

  /** A source with only the settings that every source needs; the rest at its default. */
  public static SourceConfig of(String name, Vendor vendor, String account, Secret... secrets) {
    return new SourceConfig(
        name,
        vendor,
        account,
        List.of(secrets),
        null,
        SignatureMode.REQUIRED,
        List.of(),
        null,
        null,
        DEFAULT_MAX_BODY_BYTES,
        null,
        List.of(),
        List.of(),
        Map.of(),
        Map.of(),
        null);
  }
}
