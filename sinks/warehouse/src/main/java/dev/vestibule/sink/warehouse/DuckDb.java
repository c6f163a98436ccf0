package dev.vestibule.sink.warehouse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;
import org.duckdb.DuckDBConnection;

/**
 * The one DuckDB file of a warehouse, opened for reading and writing. DuckDB locks it, so no other
 * process can open it meanwhile. Safe for several threads; connections are not.
 *
 * <p>SQL can reach nothing but this file: no other files, no network, no extensions to be fetched,
 * and the settings cannot be changed any more.
 */
final class DuckDb implements AutoCloseable {
  private static final String LOCKED = "Could not set lock on file";
  private static final long LOCK_POLL_MILLIS = 100;

  private final Path file;
  private final int memoryMegabytes;
  private DuckDBConnection root;

  private DuckDb(Path file, int memoryMegabytes, DuckDBConnection root) {
    this.file = file;
    this.memoryMegabytes = memoryMegabytes;
    this.root = root;
  }

  /**
   * Opens the file, or creates it with its folder.
   *
   * @param patience how long to wait for another process that holds the file
   * @throws WarehouseException when the file stays locked or is no database
   */
  static DuckDb open(Path file, int memoryMegabytes, Duration patience) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
    } catch (IOException e) {
      throw new WarehouseException("cannot create the folder of " + file, e);
    }
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      try {
        return new DuckDb(file, memoryMegabytes, connect(file, memoryMegabytes));
      } catch (SQLException e) {
        boolean locked = String.valueOf(e.getMessage()).contains(LOCKED);
        if (!locked) {
          throw new WarehouseException("cannot open the warehouse " + file, e);
        }
        if (System.nanoTime() - deadline > 0) {
          throw new WarehouseException(
              "the warehouse " + file + " is open in another process; stop that one first", e);
        }
        pause();
      }
    }
  }

  private static DuckDBConnection connect(Path file, int memoryMegabytes) throws SQLException {
    Properties settings = new Properties();
    settings.setProperty("memory_limit", memoryMegabytes + "MB");
    settings.setProperty("threads", "2");
    settings.setProperty("temp_directory", file + ".tmp");
    settings.setProperty("max_temp_directory_size", "1GB");
    settings.setProperty("enable_external_access", "false");
    settings.setProperty("autoinstall_known_extensions", "false");
    settings.setProperty("autoload_known_extensions", "false");
    settings.setProperty("allow_community_extensions", "false");
    // Answers come row by row, so that a large one is not held in memory.
    settings.setProperty("jdbc_stream_results", "true");
    DuckDBConnection connection =
        DriverManager.getConnection("jdbc:duckdb:" + file, settings).unwrap(DuckDBConnection.class);
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET GLOBAL TimeZone = 'UTC'");
      statement.execute("SET lock_configuration = true");
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
    return connection;
  }

  /** A new connection. */
  synchronized DuckDBConnection connection() throws SQLException {
    return root.duplicate();
  }

  /**
   * Closes and opens again. DuckDB refuses all work after a failure in the middle of a write, until
   * every connection is closed.
   */
  synchronized void reopen() throws SQLException {
    root.close();
    root = connect(file, memoryMegabytes);
  }

  @Override
  public synchronized void close() {
    try {
      root.close();
    } catch (SQLException e) {
      throw new WarehouseException("cannot close the warehouse " + file, e);
    }
  }

  private static void pause() {
    try {
      Thread.sleep(LOCK_POLL_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new WarehouseException("interrupted while the warehouse was opened", e);
    }
  }
}
