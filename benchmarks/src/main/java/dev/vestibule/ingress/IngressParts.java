package dev.vestibule.ingress;

import dev.vestibule.ingress.publish.Publisher;
import dev.vestibule.service.ServiceContext;

/** The ingress in front of another publisher, which the room does not export. */
public final class IngressParts {
  private IngressParts() {}

  /** The same server, with everything but Kafka. */
  public static IngressApplication start(ServiceContext context, Publisher publisher) {
    return IngressApplication.start(context, publisher);
  }
}
