package dev.vestibule.config;

import java.nio.file.Path;

/**
 * Where the permanent keys lie. Relative paths are relative to the data folder.
 *
 * @param keyFile 32 bytes as 64 hex digits; behind all hashed ids
 * @param credentialKeyFile the same, for {@code credential.sealed}; given only to the normalizer
 *     and the access-control sink. Where the file is absent nothing is sealed
 */
public record IdentityConfig(Path keyFile, Path credentialKeyFile) {}
