package dev.vestibule.ingress.decision;

import dev.vestibule.ingress.publish.Receipt;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the sender hears.
 *
 * @param approved the visitor may enter; otherwise a person must look
 * @param message what that person reads; may name the visitor
 * @param receipt where an approval is written down, or null
 * @param written to be told whether the answer left for the sender
 */
public record Reply(
    boolean approved, String message, @Nullable Receipt receipt, Consumer<Boolean> written) {

  /** Leaves the message out. */
  @Override
  public String toString() {
    return approved ? "approved" : "review";
  }
}
