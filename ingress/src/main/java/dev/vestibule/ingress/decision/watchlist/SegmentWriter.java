package dev.vestibule.ingress.decision.watchlist;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;

/** Gathers entries for a segment; a later one of the same id replaces the earlier. */
final class SegmentWriter {
  private final Texts.Growing ids = new Texts.Growing();

  /** The entry that counts, by the number of its id; -1 = none. */
  private final Ints current = new Ints();

  private final Ints idOf = new Ints();
  private final BitSet dead = new BitSet();
  private long[] expires = new long[16];
  private final Texts.Growing sites = new Texts.Growing();
  private final Ints siteStarts = new Ints();
  private final Ints siteOf = new Ints();
  private final Texts.Growing forms = new Texts.Growing();

  /** Form and entry, one after the other. */
  private final Ints holdings = new Ints();

  private int living;

  /** Entries that count. */
  int living() {
    return living;
  }

  /** Entries that were replaced or removed; a copy. */
  BitSet dead() {
    return (BitSet) dead.clone();
  }

  int replaced() {
    return idOf.size() - living;
  }

  void put(byte[] id, long expiry, Collection<byte[]> siteIds, Collection<byte[]> entryForms) {
    int entry = begin(id, expiry);
    siteIds.forEach(site -> siteOf.add(sites.intern(site)));
    entryForms.forEach(form -> hold(forms.intern(form), entry));
  }

  private int begin(byte[] id, long expiry) {
    remove(id);
    int entry = idOf.size();
    int number = ids.intern(id);
    if (number == current.size()) {
      current.add(entry);
    } else {
      current.set(number, entry);
    }
    idOf.add(number);
    if (entry == expires.length) {
      expires = Arrays.copyOf(expires, Texts.Growing.grown(entry + 1));
    }
    expires[entry] = expiry;
    siteStarts.add(siteOf.size());
    living++;
    return entry;
  }

  private void hold(int form, int entry) {
    holdings.add(form);
    holdings.add(entry);
  }

  /** Whether there was one. */
  boolean remove(byte[] id) {
    int number = ids.find(id);
    int entry = number < 0 ? -1 : current.get(number);
    if (entry < 0) {
      return false;
    }
    current.set(number, -1);
    dead.set(entry);
    living--;
    return true;
  }

  /** Takes over the entries of a segment that still count. */
  void addAll(Segment segment, BitSet gone) {
    int[] entries = new int[segment.size()];
    for (int e = 0; e < entries.length; e++) {
      if (gone.get(e)) {
        entries[e] = -1;
        continue;
      }
      entries[e] = begin(segment.ids.bytes(e), segment.expires[e]);
      for (int i = segment.siteStarts[e]; i < segment.siteStarts[e + 1]; i++) {
        siteOf.add(sites.intern(segment.sites.bytes(segment.siteOf[i])));
      }
    }
    for (int form = 0; form < segment.forms.size(); form++) {
      int own = -1;
      for (int i = segment.holderStarts[form]; i < segment.holderStarts[form + 1]; i++) {
        int entry = entries[segment.holders[i]];
        if (entry >= 0) {
          own = own < 0 ? forms.intern(segment.forms.bytes(form)) : own;
          hold(own, entry);
        }
      }
    }
  }

  /** The segment, with the dead among its entries; this writer is not used afterwards. */
  Segment freeze() {
    int[] starts = new int[forms.size() + 1];
    for (int i = 0; i < holdings.size(); i += 2) {
      starts[holdings.get(i)]++;
    }
    for (int form = 1; form < starts.length; form++) {
      starts[form] += starts[form - 1];
    }
    int[] holders = new int[holdings.size() / 2];
    for (int i = holdings.size() - 2; i >= 0; i -= 2) {
      holders[--starts[holdings.get(i)]] = holdings.get(i + 1);
    }
    siteStarts.add(siteOf.size());
    return new Segment(
        idTexts(),
        dead,
        Arrays.copyOf(expires, idOf.size()),
        sites.freeze(),
        siteStarts.freeze(),
        siteOf.freeze(),
        forms.freeze(),
        starts,
        holders);
  }

  private Texts idTexts() {
    if (ids.size() == idOf.size()) {
      return ids.freeze();
    }
    Texts.Growing byEntry = new Texts.Growing();
    for (int e = 0; e < idOf.size(); e++) {
      byEntry.add(ids.bytes(idOf.get(e)));
    }
    return byEntry.freeze();
  }
}
