package dev.vestibule.sink.access;

import dev.vestibule.sink.access.target.AccessTarget;
import dev.vestibule.sink.access.target.FakeSystem.Standing;
import dev.vestibule.sink.access.target.FakeVendor;
import dev.vestibule.sink.access.target.Fault;
import dev.vestibule.sink.access.target.Grant;
import dev.vestibule.sink.access.target.GrantKey;
import dev.vestibule.sink.access.target.TargetException;
import dev.vestibule.sink.access.target.gallagher.FakeCommandCentre;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** An adapter as it is shipped, and its vendor's fake: no network lies between, all else does. */
final class VendorSystem implements DoorSystem {
  /** So many calls of a move go well before one does not. */
  private static final int[] PASSES = {0, 0, 1, 2};

  /** More calls than a move has that changes something. */
  private static final int ALL = 8;

  private final FakeVendor vendor;
  private final InstantSource clock;
  private boolean doubled;

  VendorSystem(FakeVendor vendor, InstantSource clock) {
    this.vendor = vendor;
    this.clock = clock;
  }

  @Override
  public AccessTarget connect() {
    return vendor.connect(clock);
  }

  @Override
  public void script(ScriptedTarget.Fault fault, int detail) {
    vendor.heal();
    if (fault == ScriptedTarget.Fault.NONE) {
      return;
    }
    int way = detail / PASSES.length;
    Fault failing = failing(fault, way);
    if (failing instanceof Fault.Twice) {
      doubled = true;
      for (int i = 0; i < ALL; i++) {
        vendor.fail(failing);
      }
      return;
    }
    for (int pass = PASSES[detail % PASSES.length]; pass > 0; pass--) {
      vendor.fail(new Fault.Pass());
    }
    vendor.fail(failing);
    // What a read cannot have suffered is left to what changes something.
    boolean befallsReads =
        fault == ScriptedTarget.Fault.LOST
            || fault == ScriptedTarget.Fault.RETRY
            || fault == ScriptedTarget.Fault.AUTH;
    if (befallsReads && way % 3 == 0) {
      vendor.strike(_ -> true);
    }
  }

  private Fault failing(ScriptedTarget.Fault fault, int way) {
    boolean locks = vendor instanceof FakeCommandCentre;
    return switch (fault) {
      case NONE -> new Fault.Pass();
      case APPLIED_THEN_TIMEOUT ->
          switch (way % 4) {
            case 0 -> new Fault.Silence(true);
            case 1 -> new Fault.Hangup(true);
            case 2 -> new Fault.Status(500, null, true);
            default -> new Fault.Status(504, null, true);
          };
      case LOST ->
          switch (way % 4) {
            case 0 -> new Fault.Silence(false);
            case 1 -> new Fault.Hangup(false);
            case 2 -> Fault.Status.of(500);
            default -> Fault.Status.of(502);
          };
      case RETRY ->
          switch (way % 4) {
            case 0 -> Fault.Status.of(429);
            case 1 -> new Fault.Status(429, "3", false);
            case 2 -> Fault.Status.of(locks ? 409 : 503);
            default -> new Fault.Status(503, "120", false);
          };
      case AUTH -> Fault.Status.of(way % 2 == 0 ? 401 : 403);
      case REJECTED -> Fault.Status.of(way % 2 == 0 ? 400 : 422);
      // Of several calls one is lost; or each of them comes twice.
      case PARTIAL -> way % 3 == 0 ? new Fault.Hangup(true) : new Fault.Twice();
    };
  }

  @Override
  public Optional<Instant> until(GrantKey key, Instant now) {
    return vendor.standing(key).stream()
        .map(Standing::until)
        .filter(now::isBefore)
        .max(Instant::compareTo);
  }

  @Override
  public Set<String> zones(GrantKey key, Instant now) {
    Set<String> zones = new HashSet<>();
    for (Standing standing : vendor.standing(key)) {
      if (now.isBefore(standing.until())) {
        zones.addAll(standing.zones());
      }
    }
    return zones;
  }

  @Override
  public long objects(GrantKey key) {
    return vendor.standing(key).size();
  }

  @Override
  public Set<String> cards(GrantKey key) {
    return vendor.cards(key);
  }

  @Override
  public boolean locked() {
    return vendor.locked();
  }

  /** As another process with our settings would. */
  @Override
  public void plant(GrantKey key, Instant until) {
    Instant now = clock.instant();
    try {
      connect()
          .ensureGranted(
              new Grant(
                  key,
                  1,
                  now,
                  until,
                  now.plus(Duration.ofHours(1)),
                  vendor.zones(),
                  "Visitor",
                  null));
    } catch (TargetException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public boolean mayDouble() {
    return doubled;
  }
}
