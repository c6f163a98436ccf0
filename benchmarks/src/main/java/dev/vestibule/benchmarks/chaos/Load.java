package dev.vestibule.benchmarks.chaos;

import dev.vestibule.benchmarks.chaos.Evidence.Sent;
import dev.vestibule.config.Secret;
import dev.vestibule.contract.Vendor;
import dev.vestibule.contract.Verdict;
import dev.vestibule.standalone.simulator.Delivery;
import dev.vestibule.standalone.simulator.HttpLine;
import dev.vestibule.standalone.simulator.Pace;
import dev.vestibule.standalone.simulator.RetryRule;
import dev.vestibule.standalone.simulator.VendorSigner;
import dev.vestibule.standalone.simulator.Webhook;
import dev.vestibule.standalone.simulator.WebhookClient;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.utils.Utils;

/**
 * A vendor whose visitors arrive and later leave. One delivery in ten is repeated seconds later, a
 * few come again with another content or under the id of another one, and what is not accepted is
 * tried again by the vendor's own rule, in two-thousandths of its time; one visit in twenty belongs
 * to a sender that never tries again.
 */
final class Load implements AutoCloseable {
  static final String SOURCE = "hq";
  static final Secret SECRET = new Secret("chaos-secret");
  private static final int SENDERS = 24;
  private static final int INSIDE = 12;
  private static final Duration IDLE = Duration.ofMillis(20);

  private final URI ingress;
  private final long seed;
  private final int partitions;
  private final long nanosBetween;
  private final Watch watch;
  private final HttpLine line = new HttpLine();
  private final WebhookClient client = new WebhookClient(line, Pace.shrunk(2000));
  private final VendorSigner signer = VendorSigner.forVendor(Vendor.KYBERACCESS, SECRET);
  private final AtomicInteger begun = new AtomicInteger();
  private final AtomicInteger allowed = new AtomicInteger();
  private final AtomicBoolean last = new AtomicBoolean();
  private final AtomicLong nextSlot = new AtomicLong(System.nanoTime());
  private final AtomicInteger requests = new AtomicInteger();
  private final Queue<Sent> sent = new ConcurrentLinkedQueue<>();
  private final List<Thread> senders = new ArrayList<>();

  /**
   * @param partitions of the raw topic: a conflict is one only within a partition
   * @param rate deliveries per second, over all senders
   */
  Load(URI ingress, long seed, int partitions, int rate, Watch watch) {
    this.ingress = ingress;
    this.seed = seed;
    this.partitions = partitions;
    this.nanosBetween = 1_000_000_000L / rate;
    this.watch = watch;
    for (int sender = 0; sender < SENDERS; sender++) {
      senders.add(Thread.ofVirtual().name("sender-" + sender).start(() -> new Desk().run()));
    }
  }

  /** Lets this many visits begin, counted from the start. */
  void allow(int visits) {
    allowed.set(visits);
  }

  /** Visits that have begun. */
  int begun() {
    return Math.min(begun.get(), allowed.get());
  }

  /** No more visits than allowed so far; the senders end when all guests have left. */
  void end() {
    last.set(true);
  }

  boolean ended() {
    return senders.stream().noneMatch(Thread::isAlive);
  }

  /** HTTP requests, retries included. */
  int requests() {
    return requests.get();
  }

  List<Sent> sent() {
    return List.copyOf(sent);
  }

  @Override
  public void close() {
    senders.forEach(Thread::interrupt);
    line.close();
  }

  /** What a vendor says, ready to be sent more than once. */
  private record Letter(String visitor, String type, String id, Instant time, String badge) {

    byte[] body() {
      String event =
          type.equals("UPDATED")
              ? "updated"
              : type.equals("SIGNED_IN") ? "checked_in" : "checked_out";
      return """
      {"id":"%s","event":"visitor.%s","timestamp":"%s","data":{"visitor":{"id":"%s",\
      "first_name":"Test","last_name":"Visitor"},"badge_number":"%s"},"account_id":"acc_1"}\
      """
          .formatted(id, event, time, visitor, badge)
          .getBytes(StandardCharsets.UTF_8);
    }

    String fact(Verdict verdict) {
      return SOURCE + ":" + visitor + " " + type + " " + verdict;
    }
  }

  private record Copy(long due, Letter letter, Verdict verdict) {}

  /** One sender: visits in turn, each with its letters in order. */
  private final class Desk {
    private final Queue<Integer> inside = new ArrayDeque<>();
    private final Queue<Copy> copies = new PriorityQueue<>(Comparator.comparingLong(Copy::due));

    void run() {
      try {
        boolean open = true;
        while (open || !inside.isEmpty() || !copies.isEmpty()) {
          sendDueCopies();
          int visit = open ? begin() : -1;
          if (visit >= 0) {
            letter(visit, "SIGNED_IN");
            inside.add(visit);
          }
          open = open && (visit >= 0 || !last.get());
          if (inside.size() > INSIDE || (!open && !inside.isEmpty())) {
            leave(inside.remove());
          } else if (visit < 0) {
            Thread.sleep(IDLE);
          }
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    /** Number of a visit that may begin, or -1. */
    private int begin() {
      int next = begun.get();
      while (next < allowed.get()) {
        if (begun.compareAndSet(next, next + 1)) {
          return next;
        }
        next = begun.get();
      }
      return -1;
    }

    private void leave(int visit) throws InterruptedException {
      if (visit % 10 == 3) {
        letter(visit, "UPDATED");
      }
      letter(visit, "SIGNED_OUT");
    }

    private void letter(int visit, String type) throws InterruptedException {
      Random random = new Random(31 * (seed + visit) + type.hashCode());
      random.nextLong();
      Letter letter =
          new Letter(
              "vis_" + visit,
              type,
              "evt_" + visit + "_" + type,
              Instant.now().truncatedTo(ChronoUnit.SECONDS),
              "1");
      boolean careless = visit % 20 == 7;
      if (!send(letter, Verdict.NEW, careless)) {
        return;
      }
      int fate = random.nextInt(100);
      long due = System.nanoTime() + Duration.ofMillis(1000 + random.nextInt(3000)).toNanos();
      if (fate < 10) {
        copies.add(new Copy(due, letter, Verdict.NEW));
      } else if (fate < 13 && !type.equals("UPDATED")) {
        Letter revised = new Letter(letter.visitor(), type, letter.id() + "_r", letter.time(), "2");
        copies.add(new Copy(due, revised, Verdict.REVISION));
      } else if (fate < 15) {
        Letter other =
            new Letter(neighbour(letter.visitor()), type, letter.id(), letter.time(), "1");
        copies.add(new Copy(due, other, Verdict.CONFLICT));
      }
    }

    private void sendDueCopies() throws InterruptedException {
      Copy copy = copies.peek();
      while (copy != null && copy.due() - System.nanoTime() <= 0) {
        copies.remove();
        send(copy.letter(), copy.verdict(), false);
        copy = copies.peek();
      }
    }
  }

  /** Another visitor whose records lie in the same partition. */
  private String neighbour(String visitor) {
    for (int attempt = 0; ; attempt++) {
      String other = visitor + "_x" + attempt;
      if (partition(other) == partition(visitor)) {
        return other;
      }
    }
  }

  private int partition(String visitor) {
    byte[] key = (SOURCE + ":" + visitor).getBytes(StandardCharsets.UTF_8);
    return Utils.toPositive(Utils.murmur2(key)) % partitions;
  }

  private boolean send(Letter letter, Verdict verdict, boolean careless)
      throws InterruptedException {
    takeSlot();
    Webhook webhook =
        signer.sign(letter.body(), "dlv_" + letter.id() + letter.visitor(), Instant.now());
    RetryRule rule = careless ? RetryRule.NONE : RetryRule.of(Vendor.KYBERACCESS);
    Delivery delivery = client.deliver(WebhookClient.url(ingress, SOURCE, webhook), webhook, rule);
    requests.addAndGet(delivery.attempts());
    boolean accepted = delivery.status() == 200;
    String fact = letter.fact(verdict);
    if (accepted) {
      watch.accepted(fact);
    }
    // An answer 200 without a receipt would be a receipt that no record has.
    sent.add(new Sent(fact, accepted ? String.valueOf(delivery.receipt()) : null));
    return accepted;
  }

  private void takeSlot() throws InterruptedException {
    long now = System.nanoTime();
    long slot = nextSlot.getAndUpdate(next -> Math.max(next, now - nanosBetween) + nanosBetween);
    long wait = slot - now;
    if (wait > 0) {
      Thread.sleep(Duration.ofNanos(wait));
    }
  }
}
