package dev.vestibule.ingress.decision.snapshot;

import dev.vestibule.ingress.decision.watchlist.Change;
import dev.vestibule.ingress.decision.watchlist.EntryJson;
import dev.vestibule.ingress.decision.watchlist.Normal;
import dev.vestibule.ingress.decision.watchlist.Watchlist;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The watchlist: built at once from what is there at first, then changed batch by batch. */
final class Entries implements Content<Watchlist> {
  private final Normal normal;
  private final List<Change> changes = new ArrayList<>();
  private Watchlist.@Nullable Builder builder;
  private @Nullable Watchlist watchlist;

  Entries(Normal normal) {
    this.normal = normal;
  }

  @Override
  public void clear() {
    changes.clear();
    watchlist = null;
    builder = new Watchlist.Builder(normal);
  }

  @Override
  public boolean take(String key, byte @Nullable [] value) {
    Change change = EntryJson.read(key, value);
    if (change instanceof Change.Malformed) {
      return false;
    }
    if (builder == null) {
      changes.add(change);
    } else {
      builder.add(change);
    }
    return true;
  }

  @Override
  public Watchlist value() {
    Watchlist next = watchlist;
    if (builder != null) {
      next = builder.build();
      builder = null;
    } else if (next == null) {
      next = Watchlist.empty(normal);
    } else if (!changes.isEmpty()) {
      next = next.with(changes);
    }
    changes.clear();
    watchlist = next;
    return next;
  }

  @Override
  public int size() {
    return watchlist == null ? 0 : watchlist.size();
  }
}
