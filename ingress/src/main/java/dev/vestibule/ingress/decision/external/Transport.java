package dev.vestibule.ingress.decision.external;

import java.net.http.HttpRequest;
import java.util.concurrent.CompletableFuture;

/** Sends requests. */
interface Transport extends AutoCloseable {
  /**
   * Sends one; never waits.
   *
   * @return what came; to cancel it ends the request
   */
  CompletableFuture<Answer> send(HttpRequest request);

  /** Ends all requests under way. */
  @Override
  void close();
}
