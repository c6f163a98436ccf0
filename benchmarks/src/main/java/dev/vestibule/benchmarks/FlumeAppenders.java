package dev.vestibule.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flume.Context;
import org.apache.flume.Transaction;
import org.apache.flume.channel.file.FileChannel;
import org.apache.flume.event.EventBuilder;

/**
 * Flume's file channel as it comes, which forces the disk at every commit: appenders who each put
 * one event per transaction. Each line on stdin, a length in milliseconds, is answered by a rate
 * per second.
 */
final class FlumeAppenders {
  /** More than any run puts: nobody takes. */
  private static final int CAPACITY = 10_000_000;

  private FlumeAppenders() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    FileChannel channel = new FileChannel();
    channel.setName("bench");
    channel.configure(
        new Context(
            Map.of(
                "checkpointDir",
                Path.of(args[0], "checkpoint").toString(),
                "dataDirs",
                Path.of(args[0], "data").toString(),
                "capacity",
                Integer.toString(CAPACITY))));
    channel.start();
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      System.out.println(
          rate(
              channel,
              Integer.parseInt(args[1]),
              new byte[Integer.parseInt(args[2])],
              Duration.ofMillis(Long.parseLong(line))));
    }
    channel.stop();
  }

  private static double rate(FileChannel channel, int appenders, byte[] body, Duration length)
      throws InterruptedException {
    AtomicLong count = new AtomicLong();
    long start = System.nanoTime();
    long end = start + length.toNanos();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < appenders; i++) {
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                while (System.nanoTime() < end) {
                  put(channel, body);
                  count.incrementAndGet();
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    return count.get() * 1e9 / (System.nanoTime() - start);
  }

  private static void put(FileChannel channel, byte[] body) {
    Transaction transaction = channel.getTransaction();
    transaction.begin();
    try {
      channel.put(EventBuilder.withBody(body));
      transaction.commit();
    } catch (RuntimeException e) {
      transaction.rollback();
      throw e;
    } finally {
      transaction.close();
    }
  }
}
