package dev.vestibule.benchmarks.chaos;

import dev.vestibule.standalone.Vestibule;
import dev.vestibule.standalone.broker.EmbeddedBroker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * What a child process runs: {@code broker FOLDER PORT [ADVERTISED-PORT]}, or a command of {@code
 * vestibule}. It ends with its parent, however that one ends: the parent holds the other side of
 * standard input.
 */
public final class Child {
  private Child() {}

  public static void main(String[] args) throws InterruptedException {
    Thread.ofPlatform().daemon().name("parent").start(Child::endWithParent);
    if (args[0].equals("broker")) {
      EmbeddedBroker broker =
          EmbeddedBroker.start(
              Path.of(args[1]), Integer.parseInt(args[2]), Integer.parseInt(args[args.length - 1]));
      System.out.println("started broker " + broker.bootstrap());
      Thread.currentThread().join();
    } else {
      Vestibule.main(Arrays.copyOf(args, args.length));
    }
  }

  private static void endWithParent() {
    try {
      while (System.in.read() >= 0) {
        // The parent says nothing; only the end of the stream means something.
      }
    } catch (IOException e) {
      System.err.println("the parent cannot be heard any more");
    }
    Runtime.getRuntime().halt(1);
  }
}
