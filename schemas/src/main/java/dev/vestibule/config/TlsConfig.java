package dev.vestibule.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * TLS on the public port.
 *
 * @param certificate PEM file with the server's certificate, then those that lead to its root
 * @param key PEM file with its private key, as PKCS#8 without password
 * @param clientCa PEM file with those whose client certificates are trusted, or null when no client
 *     certificate is asked for
 */
public record TlsConfig(Path certificate, Path key, @Nullable Path clientCa) {}
