package dev.vestibule.ingress.decision.watchlist;

import java.util.BitSet;

/**
 * Entries in flat arrays, never changed once they are filled; entries are numbers from 0. Which of
 * them still count is known outside.
 */
final class Segment {
  final Texts ids;
  final long[] expires;
  final Texts sites;

  /** Where an entry's sites begin in {@link #siteOf}; no site = every site. */
  final int[] siteStarts;

  final int[] siteOf;
  final Texts forms;

  /** Where a form's entries begin in {@link #holders}. */
  final int[] holderStarts;

  final int[] holders;

  private final Buckets byId;
  private final Buckets byForm;
  private final Buckets bySite;

  /** Names by their two longest words. */
  private final Buckets byPair;

  private final WordSet words;

  Segment(
      Texts ids,
      BitSet dead,
      long[] expires,
      Texts sites,
      int[] siteStarts,
      int[] siteOf,
      Texts forms,
      int[] holderStarts,
      int[] holders) {
    this.ids = ids;
    this.expires = expires;
    this.sites = sites;
    this.siteStarts = siteStarts;
    this.siteOf = siteOf;
    this.forms = forms;
    this.holderStarts = holderStarts;
    this.holders = holders;
    this.byId = Buckets.of(ids.size(), entry -> !dead.get(entry), ids::hash);
    this.byForm = Buckets.of(forms.size(), form -> true, forms::hash);
    this.bySite = Buckets.of(sites.size(), site -> true, sites::hash);
    Pairs pairs = new Pairs(forms);
    this.byPair = Buckets.of(forms.size(), pairs.named::get, form -> pairs.hashes[form]);
    this.words = pairs.words;
  }

  /** What is needed only while the index is made. */
  private static final class Pairs {
    private final BitSet named = new BitSet();
    private final long[] hashes;
    private final WordSet words;

    Pairs(Texts forms) {
      hashes = new long[forms.size()];
      for (int form = 0; form < hashes.length; form++) {
        named.set(form, Fuzzy.takesPart(forms.bytes(form)));
      }
      words = new WordSet(2 * named.cardinality());
      long[] two = new long[2];
      for (int form = named.nextSetBit(0); form >= 0; form = named.nextSetBit(form + 1)) {
        int[] next = {0};
        Fuzzy.keyWords(
            forms.bytes(form),
            hash -> {
              words.add(hash);
              two[next[0]++] = hash;
            });
        hashes[form] = Hash.pair(two[0], two[1]);
      }
    }
  }

  int size() {
    return expires.length;
  }

  /** The entry of an id, or -1. */
  int entry(byte[] id) {
    return find(byId, ids, id);
  }

  /** The number of a site that some entry names, or -1. */
  int site(byte[] id) {
    return find(bySite, sites, id);
  }

  private static int find(Buckets index, Texts texts, byte[] text) {
    long hash = Hash.of(text, 0, text.length);
    int end = index.end(hash);
    for (int place = index.begin(hash); place < end; place++) {
      int item = index.at(place, hash);
      if (item >= 0 && texts.equal(item, text)) {
        return item;
      }
    }
    return -1;
  }

  /** Hands over the entries that hold a form of the visitor's, or a name like it. */
  void match(Query query, Found found) {
    for (byte[] form : query.forms()) {
      int same = find(byForm, forms, form);
      if (same >= 0) {
        holders(same, Form.field(form), Hit.Precision.EXACT, found);
      }
    }
    for (byte[] name : query.names()) {
      matchAlike(name, found);
    }
  }

  private void matchAlike(byte[] name, Found found) {
    int[] bounds = Fuzzy.words(name);
    long[][] partners = new long[bounds.length / 2][];
    for (int w = 0; w < partners.length; w++) {
      partners[w] = Fuzzy.partnersOf(name, bounds[2 * w], bounds[2 * w + 1], words);
    }
    for (int one = 0; one < partners.length; one++) {
      for (int two = one + 1; two < partners.length; two++) {
        for (long a : partners[one]) {
          for (long b : partners[two]) {
            matchPair(Hash.pair(a, b), name, found);
          }
        }
      }
    }
  }

  private void matchPair(long hash, byte[] name, Found found) {
    int end = byPair.end(hash);
    for (int place = byPair.begin(hash); place < end; place++) {
      int form = byPair.at(place, hash);
      if (form >= 0 && Fuzzy.alike(forms.bytes(form), name)) {
        holders(form, Hit.Field.NAME, Hit.Precision.FUZZY, found);
      }
    }
  }

  private void holders(int form, Hit.Field field, Hit.Precision precision, Found found) {
    for (int i = holderStarts[form]; i < holderStarts[form + 1]; i++) {
      found.offer(holders[i], field, precision);
    }
  }

  /** Whether an entry counts at a site. */
  boolean holdsAt(int entry, int site) {
    int from = siteStarts[entry];
    int to = siteStarts[entry + 1];
    for (int i = from; i < to; i++) {
      if (siteOf[i] == site) {
        return true;
      }
    }
    return from == to;
  }

  /** Where candidates go. */
  interface Found {
    void offer(int entry, Hit.Field field, Hit.Precision precision);
  }

  /** Bytes of heap, without the few objects around the arrays. */
  long heap() {
    return ids.heap()
        + sites.heap()
        + forms.heap()
        + 8L * expires.length
        + 4L * (siteStarts.length + siteOf.length + holderStarts.length + holders.length)
        + byId.heap()
        + byForm.heap()
        + bySite.heap()
        + byPair.heap()
        + words.heap();
  }
}
