package dev.vestibule.standalone.demo;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;

/** Tells the play, for people. Colours and moving dots appear on a terminal only. */
final class Narrator {
  private static final String INDENT = "   ";
  private static final int WIDTH = 92;

  private final PrintWriter out;
  private final boolean terminal;
  private int acts;

  Narrator(PrintWriter out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  void title(String text) {
    out.println();
    out.println(bold(text));
    out.println();
  }

  void act(String title, String saying) {
    acts++;
    out.println();
    out.println(bold(acts + "  " + title));
    say(saying);
  }

  void say(String text) {
    StringBuilder line = new StringBuilder(INDENT);
    for (String word : text.split(" ")) {
      if (line.length() + word.length() > WIDTH) {
        out.println(line.toString().stripTrailing());
        line = new StringBuilder(INDENT);
      }
      line.append(word).append(' ');
    }
    out.println(line.toString().stripTrailing());
  }

  /** Preformatted lines. */
  void show(String block) {
    block.lines().forEach(line -> out.println(INDENT + line));
  }

  void problem(String text) {
    out.println(INDENT + colour("31", text));
  }

  void verdict(boolean good, String text) {
    out.println();
    out.println(colour(good ? "32" : "31", text));
    out.println();
  }

  String good(String text) {
    return colour("32", text);
  }

  String bad(String text) {
    return colour("31", text);
  }

  /** Does something that takes a while, with a sign of life every half second on a terminal. */
  <T> T during(String what, Callable<T> work) throws Exception {
    out.print(INDENT + what + " ");
    out.flush();
    long start = System.nanoTime();
    Thread dots = Thread.ofVirtual().start(this::dots);
    try {
      T result = work.call();
      dots.interrupt();
      dots.join();
      out.println(seconds(Duration.ofNanos(System.nanoTime() - start)));
      return result;
    } catch (Exception e) {
      dots.interrupt();
      dots.join();
      out.println(bad("failed"));
      throw e;
    }
  }

  private void dots() {
    try {
      while (terminal) {
        Thread.sleep(Duration.ofMillis(500));
        out.print('.');
        out.flush();
      }
    } catch (InterruptedException e) {
      if (terminal) {
        out.print(' ');
      }
    }
  }

  static String seconds(Duration duration) {
    return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
  }

  static String milliseconds(Duration duration) {
    return String.format(Locale.ROOT, "%.1f ms", duration.toNanos() / 1e6);
  }

  private String bold(String text) {
    return colour("1", text);
  }

  private String colour(String code, String text) {
    return terminal ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
  }
}
