package dev.vestibule.config;

import dev.vestibule.contract.IdentityKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;

/**
 * Keeps the permanent key and the data that was written with it together. Beside the data lies the
 * key's fingerprint; another key would make every known fact new, so it is refused.
 */
public final class IdentityKeys {
  private static final String KEY = "identity.key-file";
  private static final String FINGERPRINT_FILE = "identity.fingerprint";
  private static final int KEY_BYTES = 32;

  /** What to do when there is no key file yet. */
  public enum IfAbsent {
    /** Write a new random key that only this user can read. */
    CREATE,
    /** Refuse to start; without a key for credentials nothing is sealed, which is allowed. */
    REFUSE
  }

  private IdentityKeys() {}

  /**
   * The permanent key of the data in a folder.
   *
   * @param keyFile 64 hex digits; a line end after them is fine
   * @param dataDir folder of the data; the fingerprint is stored there at the first start
   * @throws ConfigException when the file is missing or unreadable, or holds another key than the
   *     one the data was written with
   */
  public static IdentityKey open(Path keyFile, Path dataDir, IfAbsent ifAbsent) {
    Path fingerprintFile = dataDir.resolve(FINGERPRINT_FILE);
    try {
      Files.createDirectories(dataDir);
      Optional<String> stored = stored(fingerprintFile);
      if (!Files.exists(keyFile)) {
        if (stored.isPresent()) {
          throw new ConfigException(
              KEY,
              "'"
                  + Display.of(keyFile.toString())
                  + "' is missing; expected the key with fingerprint "
                  + stored.get()
                  + ", with which the data was written");
        }
        if (ifAbsent == IfAbsent.CREATE) {
          create(keyFile);
        }
      }
      IdentityKey key = load(KEY, keyFile);
      if (stored.isEmpty()) {
        write(fingerprintFile, key.fingerprint() + "\n");
      } else if (!stored.get().equals(key.fingerprint())) {
        throw new ConfigException(
            KEY,
            "'"
                + Display.of(keyFile.toString())
                + "' holds a key with fingerprint "
                + key.fingerprint()
                + "; expected "
                + stored.get()
                + ", with which the data was written");
      }
      return key;
    } catch (IOException e) {
      throw new UncheckedIOException("identity key cannot be kept beside the data", e);
    }
  }

  /**
   * The key that seals credentials, if its file is there or may be created.
   *
   * @throws ConfigException when the file is there but holds no key
   */
  public static Optional<IdentityKey> credentialKey(IdentityConfig config, IfAbsent ifAbsent) {
    Path file = config.credentialKeyFile();
    try {
      if (!Files.exists(file) && ifAbsent == IfAbsent.CREATE) {
        create(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("credential key cannot be created", e);
    }
    return Files.exists(file)
        ? Optional.of(load("identity.credential-key-file", file))
        : Optional.empty();
  }

  private static IdentityKey load(String key, Path file) {
    String text;
    try {
      text = Files.readString(file, StandardCharsets.ISO_8859_1).strip();
    } catch (NoSuchFileException e) {
      throw new ConfigException(
          key,
          "'" + Display.of(file.toString()) + "' does not exist; expected 64 hex digits in it");
    } catch (IOException e) {
      throw new ConfigException(
          key,
          "'" + Display.of(file.toString()) + "' cannot be read; expected 64 hex digits in it");
    }
    try {
      return new IdentityKey(HexFormat.of().parseHex(text));
    } catch (IllegalArgumentException e) {
      throw new ConfigException(
          key,
          "'" + Display.of(file.toString()) + "' holds something else; expected 64 hex digits");
    }
  }

  private static Optional<String> stored(Path file) throws IOException {
    try {
      return Optional.of(Files.readString(file, StandardCharsets.ISO_8859_1).strip());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private static void create(Path file) throws IOException {
    byte[] bytes = new byte[KEY_BYTES];
    new SecureRandom().nextBytes(bytes);
    write(file, HexFormat.of().formatHex(bytes) + "\n");
  }

  /** Whole or not at all, on disk when it returns, and readable by this user alone. */
  private static void write(Path file, String text) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(fresh);
    try (FileChannel out =
        FileChannel.open(
            fresh,
            EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            ownerOnly())) {
      ByteBuffer bytes = StandardCharsets.ISO_8859_1.encode(text);
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
      out.force(true);
    } catch (FileAlreadyExistsException e) {
      throw new IOException("another process writes the same file", e);
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    if (isPosix() && folder != null) {
      try (FileChannel entry = FileChannel.open(folder, Set.of(StandardOpenOption.READ))) {
        entry.force(true);
      }
    }
  }

  private static FileAttribute<?>[] ownerOnly() {
    return isPosix()
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }

  private static boolean isPosix() {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
  }
}
