package dev.vestibule.ingress.spool;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A folder of files, with exactly the promises that POSIX makes: what was written survives a crash
 * only after the file was forced, and a file's name only after the folder was. Before that any part
 * of it may survive.
 */
interface Folder {

  /** A file that grows at its end. */
  interface Output extends Closeable {
    /** Writes all the bytes, or some of them before it fails. */
    void write(ByteBuffer bytes) throws IOException;

    /** Makes what was written survive a crash. After a failure nobody knows what has. */
    void force() throws IOException;
  }

  /** Names of the files, in no order. */
  List<String> names() throws IOException;

  /** Creates an empty file for writing, in the place of any of that name. */
  Output create(String name) throws IOException;

  /**
   * Reads from a position on.
   *
   * @return so many bytes, or fewer where the file ends
   */
  byte[] read(String name, long position, int length) throws IOException;

  /** Makes what any process wrote to a file survive a crash. */
  void force(String name) throws IOException;

  /** Gives a file another name in one step, in the place of any that has it. */
  void rename(String from, String to) throws IOException;

  /** Deletes a file; one that is not there is fine. */
  void delete(String name) throws IOException;

  /** Makes names survive a crash: those created, changed and deleted so far. */
  void force() throws IOException;
}
