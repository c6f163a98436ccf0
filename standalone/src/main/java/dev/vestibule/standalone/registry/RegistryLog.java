package dev.vestibule.standalone.registry;

import java.io.IOException;
import java.util.function.BiConsumer;

/** Where entries are kept, in order and for good. */
interface RegistryLog extends AutoCloseable {

  /** Shows every entry so far with its place, oldest first. */
  void replay(BiConsumer<Entry, Long> reader);

  /**
   * Adds an entry; when this returns, it survives a crash.
   *
   * @return its place: larger than that of every earlier entry
   * @throws IOException when it may or may not have been kept
   */
  long append(Entry entry) throws IOException;

  @Override
  void close();
}
