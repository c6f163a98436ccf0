/**
 * KyberAccess: 21 documented event names in one envelope, of which the vendor shows a payload for
 * one. Fields beyond the envelope are therefore looked up where they are likely and never required.
 */
@NullMarked
package dev.vestibule.normalizer.adapter.kyberaccess;

import org.jspecify.annotations.NullMarked;
