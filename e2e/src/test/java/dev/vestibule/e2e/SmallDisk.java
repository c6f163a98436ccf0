package dev.vestibule.e2e;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A file system of 16 MiB and 16 inodes in memory that one process sees at a folder, and nobody
 * else (Linux, a mount namespace). It begins as read-only.
 */
final class SmallDisk {
  private static final String MOUNT =
      "mount -t tmpfs -o size=16m,nr_inodes=16,ro small \"$0\" && exec \"$@\"";

  private final Path folder;

  /**
   * @param folder must exist
   */
  SmallDisk(Path folder) {
    this.folder = folder;
  }

  /** Whether this machine lets us have one. */
  static boolean allowed(Path folder) throws IOException, InterruptedException {
    return new ProcessBuilder(new SmallDisk(folder).launcher("true"))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolveSibling("small-disk.log").toFile())
            .start()
            .waitFor()
        == 0;
  }

  /** What goes before the command line of the process that shall see it. */
  List<String> launcher() {
    return List.of("unshare", "--map-root-user", "--mount", "sh", "-c", MOUNT, folder.toString());
  }

  private List<String> launcher(String command) {
    List<String> all = new ArrayList<>(launcher());
    all.add(command);
    return all;
  }

  /** Lets the process write. */
  void makeWritable(long pid) throws IOException, InterruptedException {
    int code =
        new ProcessBuilder(
                "nsenter",
                "--target",
                Long.toString(pid),
                "--user",
                "--mount",
                "--preserve-credentials",
                "mount",
                "-o",
                "remount,rw",
                folder.toString())
            .inheritIO()
            .start()
            .waitFor();
    if (code != 0) {
      throw new IOException("the small disk could not be made writable");
    }
  }

  /** Uses up all its space. */
  void fill(long pid) throws IOException {
    byte[] much = new byte[4096];
    try (var out = Files.newOutputStream(seen(pid).resolve("filler"))) {
      while (true) {
        out.write(much);
      }
    } catch (FileSystemException e) {
      throw e;
    } catch (IOException e) {
      // No space left.
    }
  }

  /** Gives the space back, and keeps the inode. */
  void empty(long pid) throws IOException {
    Files.newOutputStream(seen(pid).resolve("filler")).close();
  }

  /** Uses up all its inodes. */
  void takeInodes(long pid) throws IOException {
    for (int count = 0; ; count++) {
      try {
        Files.createFile(seen(pid).resolve("inode-" + count));
      } catch (FileSystemException e) {
        if (count == 0) {
          throw e;
        }
        return;
      }
    }
  }

  /** Gives the inodes back. */
  void giveInodesBack(long pid) throws IOException {
    try (var files = Files.newDirectoryStream(seen(pid), "inode-*")) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
  }

  /** The same folder as the process sees it. */
  private Path seen(long pid) {
    return Path.of("/proc/" + pid + "/root" + folder);
  }
}
