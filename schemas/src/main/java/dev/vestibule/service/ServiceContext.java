package dev.vestibule.service;

import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.serde.SchemaRegistry;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * What a service gets from its surroundings; the only place where it meets them.
 *
 * @param config the installation
 * @param identity the permanent key
 * @param credentialKey seals credentials for the access-control sink, or null when none is set
 * @param dataDir folder for local state; each service uses a sub-folder with its name
 * @param registry where Avro schemas are registered
 * @param meters where metrics go
 * @param clock the time
 */
public record ServiceContext(
    VestibuleConfig config,
    IdentityKey identity,
    @Nullable IdentityKey credentialKey,
    Path dataDir,
    SchemaRegistry registry,
    MeterRegistry meters,
    InstantSource clock) {}
