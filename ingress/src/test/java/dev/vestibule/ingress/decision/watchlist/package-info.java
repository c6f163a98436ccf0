/** Tests of the watchlist. Names in them are invented. */
@org.jspecify.annotations.NullMarked
package dev.vestibule.ingress.decision.watchlist;
