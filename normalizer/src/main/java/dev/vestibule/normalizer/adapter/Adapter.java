package dev.vestibule.normalizer.adapter;

/** Reads one vendor's webhook format. */
@FunctionalInterface
public interface Adapter {

  /**
   * Drafts the events that a delivery proves. The same delivery always gives the same drafts (but
   * for sealed bytes, whose nonce is random).
   */
  Normalization<Draft> adapt(Delivery delivery);
}
