package dev.vestibule.sink.access.target;

import dev.vestibule.sink.access.target.FakeSystem.Standing;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A vendor's whole system: the calls it takes, and what then stands at its doors. */
public abstract class FakeVendor extends FakeServer {
  protected FakeVendor(@Nullable SSLContext tls, boolean asksForCertificate) {
    super(tls, asksForCertificate);
  }

  /** A new adapter inside this process, as after a restart: it remembers nothing. */
  public abstract AccessTarget connect(InstantSource clock);

  /** Zones that exist and may be opened. */
  public abstract Set<String> zones();

  /** What a lockdown may name; none where there are no lockdowns. */
  public Set<String> lockdownZones() {
    return Set.of();
  }

  /** What is open now or later, as the doors see it; each object of the vendor's for itself. */
  public abstract List<Standing> standing(GrantKey key);

  /** The numbers of the cards that whoever is behind a key holds. */
  public Set<String> cards(GrantKey key) {
    return Set.of();
  }

  /** Whether everything that a lockdown may name is locked. */
  public boolean locked() {
    return false;
  }
}
