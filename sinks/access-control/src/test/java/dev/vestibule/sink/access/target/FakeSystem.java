package dev.vestibule.sink.access.target;

import dev.vestibule.sink.access.target.http.Timeouts;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/** A vendor's system in a test: its server, and what stands at its doors. */
public interface FakeSystem {
  Timeouts PATIENT = new Timeouts(Duration.ofSeconds(10), Duration.ofSeconds(20));

  FakeServer server();

  /** A new adapter for it, as after a restart: it remembers nothing. */
  AccessTarget connect(Timeouts timeouts);

  default AccessTarget connect() {
    return connect(PATIENT);
  }

  /** One of three zones that exist, from 0. */
  String zone(int n);

  /** What is open now or later, as the doors see it; each object of the vendor's for itself. */
  List<Standing> standing(GrantKey key);

  /** Lets nobody in any more with the credentials that we have. */
  void refuseUs();

  /** Whether anything of the person behind a key is still there. */
  boolean remembers(GrantKey key);

  /** Secrets of ours that must appear nowhere. */
  List<String> secrets();

  /** What an object of the vendor's opens. */
  record Standing(Instant from, Instant until, Set<String> zones) {}
}
