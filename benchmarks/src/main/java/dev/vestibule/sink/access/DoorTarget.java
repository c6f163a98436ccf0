package dev.vestibule.sink.access;

import dev.vestibule.sink.access.target.AccessTarget.Capability;
import dev.vestibule.sink.access.target.FakeVendor;
import dev.vestibule.sink.access.target.brivo.FakeBrivo;
import dev.vestibule.sink.access.target.gallagher.FakeCommandCentre;
import dev.vestibule.sink.access.target.kisi.FakeKisi;
import dev.vestibule.sink.access.target.unifi.FakeConsole;
import dev.vestibule.sink.access.target.webhook.FakeReceiver;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What schedules can run against. */
@SuppressWarnings("ImmutableEnumChecker") // sets that nobody changes, a function without state
public enum DoorTarget {
  /** A target in memory, of the nature that the plan says. */
  SCRIPTED(null),
  UNIFI_ACCESS(_ -> new FakeConsole(null)),
  KISI(_ -> new FakeKisi()),
  BRIVO(_ -> new FakeBrivo()),
  GALLAGHER(_ -> new FakeCommandCentre(null)),
  STANDARD_WEBHOOKS(FakeReceiver::new);

  private static final String SCRIPTED_ZONE = "lobby";

  private final @Nullable Function<InstantSource, FakeVendor> vendor;
  private final Set<String> zones;
  private final Set<String> lockdownZones;
  private final Set<Capability> capabilities;

  DoorTarget(@Nullable Function<InstantSource, FakeVendor> vendor) {
    this.vendor = vendor;
    if (vendor == null) {
      zones = Set.of(SCRIPTED_ZONE);
      lockdownZones = Set.of("all");
      capabilities = Set.of(Capability.values());
    } else {
      InstantSource now = InstantSource.system();
      FakeVendor any = vendor.apply(now);
      zones = any.zones();
      lockdownZones = any.lockdownZones();
      capabilities = any.connect(now).capabilities();
    }
  }

  DoorSystem open(DoorPlan plan, InstantSource clock) {
    return vendor == null
        ? new ScriptedTarget(plan.nature())
        : new VendorSystem(vendor.apply(clock), clock, plan.seed() % 2 == 0);
  }

  /** What grants open. */
  Set<String> zones() {
    return zones;
  }

  /** What lockdowns lock; none where there are no lockdowns. */
  Set<String> lockdownZones() {
    return lockdownZones;
  }

  boolean takesCards() {
    return capabilities.contains(Capability.TAKES_CARDS);
  }

  /** Its name as an installation writes it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
