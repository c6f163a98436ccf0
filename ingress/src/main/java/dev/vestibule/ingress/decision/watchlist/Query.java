package dev.vestibule.ingress.decision.watchlist;

import java.util.List;

/**
 * A visitor's normal forms.
 *
 * @param forms what is compared exactly
 * @param names what the fuzzy rule is asked about
 * @param complete whether that is all of the visitor
 */
record Query(List<byte[]> forms, List<byte[]> names, boolean complete) {}
