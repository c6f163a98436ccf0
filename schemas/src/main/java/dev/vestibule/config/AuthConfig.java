package dev.vestibule.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a sender proves itself where the vendor's own signature does not apply.
 *
 * <ul>
 *   <li>{@code static-header}: {@code header} must carry one of {@code values}
 *   <li>{@code basic}: {@code values} hold {@code user:password}
 *   <li>{@code path-secret}: {@code values} are the keys of {@code /hooks/{source}/key/{pathKey}}
 *   <li>{@code hmac}: {@code hmac} describes the signature; the secrets are the source's
 * </ul>
 */
public record AuthConfig(
    Scheme scheme, @Nullable String header, List<Secret> values, @Nullable HmacConfig hmac) {

  /** This with the values of another version that authenticates in the same way, else unchanged. */
  AuthConfig withValuesOf(AuthConfig other) {
    return scheme == other.scheme ? new AuthConfig(scheme, header, other.values, hmac) : this;
  }

  /** Kinds of authentication; the name in the file is lower case with hyphens. */
  public enum Scheme {
    STATIC_HEADER,
    BASIC,
    PATH_SECRET,
    HMAC
  }

  /**
   * A signature as data.
   *
   * @param header header that carries the signature
   * @param encoding {@code hex} or {@code base64}
   * @param prefix text before the encoded signature, e.g. {@code sha256=}; may be empty
   * @param template signed text: {@code {body}}, {@code {timestamp}} and {@code {id}} with literal
   *     text between, e.g. {@code {timestamp}.{body}}
   * @param timestampHeader header with Unix seconds, or null when none is signed
   * @param idHeader header with the delivery id, or null
   */
  public record HmacConfig(
      String header,
      String encoding,
      String prefix,
      String template,
      @Nullable String timestampHeader,
      @Nullable String idHeader) {}
}
