package dev.vestibule.standalone.simulator;

import dev.vestibule.config.AuthConfig;
import dev.vestibule.config.AuthConfig.HmacConfig;
import dev.vestibule.config.Secret;
import dev.vestibule.config.SourceConfig;
import dev.vestibule.config.SourceConfig.SignatureMode;
import dev.vestibule.contract.Vendor;
import dev.vestibule.standalone.simulator.SignatureRecipe.Encoding;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Makes a body into a delivery that a source accepts: the vendor's signature, or whatever stands in
 * its place in the configuration. Of several active secrets the first one signs.
 */
public interface VendorSigner {

  /**
   * Signs exact bytes.
   *
   * @param deliveryId the vendor's id of the delivery; ignored where the vendor has none
   * @param now the time that goes into the signature, where one does
   */
  Webhook sign(byte[] body, String deliveryId, Instant now);

  /**
   * The signer that a source's configuration asks for.
   *
   * @throws IllegalArgumentException when the source has nothing to sign with; the message names it
   */
  static VendorSigner forSource(SourceConfig source) {
    AuthConfig auth = source.auth();
    if (auth != null) {
      return forAuth(source, auth);
    }
    if (!source.secrets().isEmpty() && source.signature() != SignatureMode.OFF) {
      return forVendor(source.vendor(), source.secrets().getFirst());
    }
    if (!source.pathKeys().isEmpty()) {
      return pathKey(source.pathKeys().getFirst());
    }
    throw new IllegalArgumentException(
        "source " + source.name() + ": expected secrets, auth or path-keys to sign with, got none");
  }

  /**
   * The vendor's own signature.
   *
   * @throws IllegalArgumentException for essentry, which documents none
   */
  static VendorSigner forVendor(Vendor vendor, Secret secret) {
    return switch (vendor) {
      case ENVOY -> hmac(SignatureRecipe.ENVOY, secret.bytes());
      case SIGN_IN_APP -> hmac(SignatureRecipe.SIGN_IN_APP, secret.bytes());
      case KYBERACCESS -> hmac(SignatureRecipe.KYBERACCESS, secret.bytes());
      case CURACEL -> hmac(SignatureRecipe.CURACEL, secret.bytes());
      case STANDARD_WEBHOOKS -> hmac(SignatureRecipe.STANDARD_WEBHOOKS, standardKey(secret));
      case ESSENTRY ->
          throw new IllegalArgumentException(
              "essentry documents no signature: expected auth static-header, path-secret or hmac");
    };
  }

  private static VendorSigner forAuth(SourceConfig source, AuthConfig auth) {
    return switch (auth.scheme()) {
      case STATIC_HEADER ->
          header(
              auth.header() == null ? "Authorization" : auth.header(),
              first(auth, source).reveal());
      case BASIC ->
          header(
              "Authorization",
              "Basic " + Base64.getEncoder().encodeToString(first(auth, source).bytes()));
      case PATH_SECRET ->
          pathKey(auth.values().isEmpty() ? source.pathKeys().getFirst() : first(auth, source));
      case HMAC -> {
        HmacConfig config = auth.hmac();
        List<Secret> secrets = source.secrets().isEmpty() ? auth.values() : source.secrets();
        if (config == null || secrets.isEmpty()) {
          throw new IllegalArgumentException(
              "source " + source.name() + ": expected hmac settings and a secret, got neither");
        }
        yield hmac(recipe(config), secrets.getFirst().bytes());
      }
    };
  }

  private static Secret first(AuthConfig auth, SourceConfig source) {
    if (auth.values().isEmpty()) {
      throw new IllegalArgumentException(
          "source " + source.name() + ": expected a value to authenticate with, got none");
    }
    return auth.values().getFirst();
  }

  private static SignatureRecipe recipe(HmacConfig config) {
    Map<String, String> companions = new LinkedHashMap<>();
    if (config.timestampHeader() != null) {
      companions.put(config.timestampHeader(), "{timestamp}");
    }
    if (config.idHeader() != null) {
      companions.put(config.idHeader(), "{id}");
    }
    return new SignatureRecipe(
        config.header(),
        config.prefix() + "{signature}",
        Encoding.valueOf(config.encoding().toUpperCase(Locale.ROOT)),
        config.template(),
        companions);
  }

  private static VendorSigner hmac(SignatureRecipe recipe, byte[] key) {
    return (body, deliveryId, now) -> {
      Map<String, String> facts = new HashMap<>();
      facts.put("timestamp", Long.toString(now.getEpochSecond()));
      facts.put("id", deliveryId);
      facts.put("event", EventName.in(body));
      Map<String, String> headers = json();
      headers.putAll(recipe.headers(key, body, facts));
      return new Webhook(body, headers, "");
    };
  }

  private static VendorSigner header(String name, String value) {
    return (body, deliveryId, now) -> {
      Map<String, String> headers = json();
      headers.put(name, value);
      return new Webhook(body, headers, "");
    };
  }

  private static VendorSigner pathKey(Secret key) {
    return (body, deliveryId, now) -> new Webhook(body, json(), "/key/" + segment(key));
  }

  /** A secret as one segment of a URL. */
  private static String segment(Secret key) {
    return URLEncoder.encode(key.reveal(), StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static Map<String, String> json() {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Content-Type", "application/json");
    return headers;
  }

  /** Standard Webhooks writes its key as {@code whsec_} and Base64. */
  private static byte[] standardKey(Secret secret) {
    String text = secret.reveal();
    try {
      return Base64.getDecoder()
          .decode(text.startsWith("whsec_") ? text.substring("whsec_".length()) : text);
    } catch (IllegalArgumentException e) {
      return text.getBytes(StandardCharsets.UTF_8);
    }
  }
}
