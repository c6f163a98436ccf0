package dev.vestibule.sink.access.target.gallagher;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vestibule.sink.access.target.TargetException;
import dev.vestibule.sink.access.target.TargetException.Kind;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where things of one kind are by their id, read when an id is met that was not known. */
final class GallagherIndex {
  private final GallagherApi api;
  private final String feature;
  private final String what;
  private volatile Map<String, String> paths = Map.of();
  private volatile Map<String, String> ids = Map.of();

  GallagherIndex(GallagherApi api, String feature, String what) {
    this.api = api;
    this.feature = feature;
    this.what = what;
  }

  /**
   * @throws TargetException {@code REJECTED} for an id that the server does not have
   */
  String path(String id) throws TargetException, InterruptedException {
    if (!paths.containsKey(id)) {
      load();
    }
    String path = paths.get(id);
    if (path == null) {
      throw new TargetException(
          Kind.REJECTED, "Gallagher: zone '" + id + "' is no " + what + " that we can see");
    }
    return path;
  }

  /** The id of a path, or the path itself of what we do not see. */
  String id(String path) throws TargetException, InterruptedException {
    @Nullable String id = ids.get(path);
    if (id == null) {
      load();
      id = ids.get(path);
    }
    return id == null ? path : id;
  }

  private void load() throws TargetException, InterruptedException {
    Map<String, String> byId = new HashMap<>();
    Map<String, String> byPath = new HashMap<>();
    for (JsonNode item : api.list("list of " + feature, api.feature(feature))) {
      String path = GallagherApi.path(item.path("href"));
      byId.put(item.path("id").asText(), path);
      byPath.put(path, item.path("id").asText());
    }
    paths = Map.copyOf(byId);
    ids = Map.copyOf(byPath);
  }
}
