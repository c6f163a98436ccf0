package dev.vestibule.config;

import org.jspecify.annotations.Nullable;

/**
 * The TLS certificate that a source's sender must show, in addition to everything else. At least
 * one of the two is given; where both are, both must fit.
 *
 * @param subject distinguished name, e.g. {@code CN=hooks.example.com,O=Example}, or null
 * @param fingerprint SHA-256 of the certificate as 64 lower-case hex digits, or null
 */
public record ClientCertificate(@Nullable String subject, @Nullable String fingerprint) {}
