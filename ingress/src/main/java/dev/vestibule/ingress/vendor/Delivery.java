package dev.vestibule.ingress.vendor;

import dev.vestibule.contract.IdentityKey;
import dev.vestibule.ingress.signature.HeaderValues;
import org.jspecify.annotations.Nullable;

/**
 * A verified request, as the rules of a {@link VendorProfile} see it.
 *
 * @param facts what the profile asked for
 * @param headers the request's headers
 * @param account permanent id that scopes all keys
 * @param identity hashes what must not be in clear
 */
public record Delivery(
    BodyFacts facts, HeaderValues headers, String account, IdentityKey identity) {

  /** The first of the paths that has a value that is not empty, or null. */
  @Nullable String first(String... paths) {
    for (String path : paths) {
      String value = facts.text(path);
      if (value != null && !value.isEmpty()) {
        return value;
      }
    }
    return null;
  }

  /** The only value of a header, or null. */
  public @Nullable String header(String name) {
    return headers.all(name).stream().filter(value -> !value.isEmpty()).findFirst().orElse(null);
  }
}
