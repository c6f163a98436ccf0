package dev.vestibule.service;

import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.serde.SchemaRegistry;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.function.Supplier;
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
 * @param reload reads the installation's configuration again; throws a {@code ConfigException}
 *     where it is broken. For what may change while a service runs: secrets
 */
public record ServiceContext(
    VestibuleConfig config,
    IdentityKey identity,
    @Nullable IdentityKey credentialKey,
    Path dataDir,
    SchemaRegistry registry,
    MeterRegistry meters,
    InstantSource clock,
    Supplier<VestibuleConfig> reload) {

  /** A context whose configuration never changes. */
  public ServiceContext(
      VestibuleConfig config,
      IdentityKey identity,
      @Nullable IdentityKey credentialKey,
      Path dataDir,
      SchemaRegistry registry,
      MeterRegistry meters,
      InstantSource clock) {
    this(config, identity, credentialKey, dataDir, registry, meters, clock, () -> config);
  }
}
