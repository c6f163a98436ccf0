package dev.vestibule.sink.access;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** States in memory. */
public final class MemoryStates implements States {
  private final Map<String, VisitAccess> visits = new ConcurrentHashMap<>();
  private volatile Lockdowns lockdowns = Lockdowns.NONE;

  @Override
  public VisitAccess read(String visit) {
    return visits.getOrDefault(visit, VisitAccess.NONE);
  }

  @Override
  public void write(String visit, VisitAccess state) {
    visits.put(visit, state);
  }

  @Override
  public void forget(String visit) {
    visits.remove(visit);
  }

  @Override
  public Set<String> visits() {
    return visits.keySet();
  }

  @Override
  public Lockdowns lockdowns() {
    return lockdowns;
  }

  @Override
  public void write(Lockdowns next) {
    lockdowns = next;
  }
}
