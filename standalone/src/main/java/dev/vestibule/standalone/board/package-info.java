/**
 * The board: one page on the admin port that shows at a glance what comes in and who is behind. It
 * needs nothing from elsewhere, and knows nothing that metrics and Kafka do not tell.
 */
@NullMarked
package dev.vestibule.standalone.board;

import org.jspecify.annotations.NullMarked;
