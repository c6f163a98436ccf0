package dev.vestibule.ingress.spool;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** A folder on disk. Only its owner may look into it: it holds what visitors told. */
final class DiskFolder implements Folder {
  private static final boolean POSIX =
      FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
  private static final Set<OpenOption> CREATE =
      Set.of(
          StandardOpenOption.CREATE,
          StandardOpenOption.TRUNCATE_EXISTING,
          StandardOpenOption.WRITE);

  private final Path path;

  private DiskFolder(Path path) {
    this.path = path;
  }

  /** Opens a folder, and creates it and those above it where needed. */
  static DiskFolder open(Path path) throws IOException {
    Path absolute = path.toAbsolutePath().normalize();
    create(absolute);
    return new DiskFolder(absolute);
  }

  private static void create(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      return;
    }
    Path parent = path.getParent();
    if (parent != null) {
      create(parent);
    }
    Files.createDirectories(path, owner("rwx------"));
    if (parent != null) {
      // Else the whole folder could be gone after a crash.
      force(parent);
    }
  }

  @Override
  public List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(path)) {
      return files.map(file -> file.getFileName().toString()).toList();
    } catch (UncheckedIOException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  @Override
  public Output create(String name) throws IOException {
    FileChannel channel = FileChannel.open(path.resolve(name), CREATE, owner("rw-------"));
    return new Output() {
      @Override
      public void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
      }

      @Override
      public void force() throws IOException {
        channel.force(false);
      }

      @Override
      public void close() throws IOException {
        channel.close();
      }
    };
  }

  @Override
  public byte[] read(String name, long position, int length) throws IOException {
    try (FileChannel channel = FileChannel.open(path.resolve(name), StandardOpenOption.READ)) {
      int there = (int) Math.max(0, Math.min(length, channel.size() - position));
      ByteBuffer bytes = ByteBuffer.allocate(there);
      while (bytes.hasRemaining() && channel.read(bytes, position + bytes.position()) >= 0) {
        // Reads on.
      }
      return bytes.hasRemaining() ? Arrays.copyOf(bytes.array(), bytes.position()) : bytes.array();
    }
  }

  @Override
  public void force(String name) throws IOException {
    try (FileChannel channel = FileChannel.open(path.resolve(name), StandardOpenOption.WRITE)) {
      channel.force(false);
    }
  }

  @Override
  public void rename(String from, String to) throws IOException {
    Files.move(
        path.resolve(from),
        path.resolve(to),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  public void delete(String name) throws IOException {
    Files.deleteIfExists(path.resolve(name));
  }

  @Override
  public void force() throws IOException {
    force(path);
  }

  private static void force(Path folder) throws IOException {
    if (!POSIX) {
      // Windows opens no folder, and writes names through.
      return;
    }
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static FileAttribute<?>[] owner(String permissions) {
    return POSIX
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        }
        : new FileAttribute<?>[0];
  }
}
