package dev.vestibule.standalone;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * A data folder that belongs to this process until it is closed. The lock goes with the process, so
 * a killed one leaves nothing to clean up.
 */
public final class DataFolder implements AutoCloseable {
  private static final String LOCK = ".lock";

  private final Path path;
  private final FileChannel channel;

  private DataFolder(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /** The folder used when none is named: {@code VESTIBULE_DATA}, else {@code data}. */
  public static Path byDefault() {
    String named = System.getenv("VESTIBULE_DATA");
    return Path.of(named == null || named.isBlank() ? "data" : named);
  }

  /**
   * Creates the folder where needed, readable by its owner alone, and locks it.
   *
   * @throws Failure when another process holds it, or it is no folder that can be written
   */
  public static DataFolder lock(Path folder) {
    Path path = folder.toAbsolutePath().normalize();
    try {
      if (!Files.isDirectory(path)) {
        Files.createDirectories(path);
        OwnerOnly.folder(path);
      }
      FileChannel channel =
          FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (tryLock(channel) == null) {
        channel.close();
        throw new Failure(
            "data folder "
                + path
                + " is in use by another vestibule; stop it or choose another --data-dir");
      }
      return new DataFolder(path, channel);
    } catch (FileAlreadyExistsException e) {
      throw new Failure("--data-dir " + path + " is a file; expected a folder", e);
    } catch (IOException e) {
      throw new Failure("--data-dir " + path + " cannot be used: " + e.getMessage(), e);
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  /** Absolute path of the folder. */
  public Path path() {
    return path;
  }

  /** Where the embedded broker keeps its log. */
  Path broker() {
    return path.resolve("kafka");
  }

  Path resolve(String name) {
    return path.resolve(name);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
