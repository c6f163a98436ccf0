package dev.vestibule.ingress.webhook;

import io.micronaut.context.event.BeanCreatedEvent;
import io.micronaut.context.event.BeanCreatedEventListener;
import io.micronaut.http.netty.channel.ChannelPipelineCustomizer;
import io.micronaut.http.server.netty.NettyServerCustomizer;
import io.netty.channel.Channel;
import jakarta.inject.Singleton;
import java.time.Duration;

/** Puts a {@link RequestBound}, and over TLS a {@link QuietHandshake}, into every connection. */
@Singleton
final class RequestBounds implements BeanCreatedEventListener<NettyServerCustomizer.Registry> {
  /** How much a sender may go on sending that nobody wants, so that it reads our answer. */
  private static final long DROPPED_BYTES = 64L * 1024 * 1024;

  private static final Duration MAX_TIME = Duration.ofSeconds(30);

  private final long maxBytes;

  RequestBounds(Sources sources) {
    this.maxBytes =
        DROPPED_BYTES + sources.all().stream().mapToLong(Source::maxBodyBytes).max().orElse(0);
  }

  @Override
  public NettyServerCustomizer.Registry onCreated(
      BeanCreatedEvent<NettyServerCustomizer.Registry> event) {
    NettyServerCustomizer.Registry registry = event.getBean();
    registry.register(new ForListener());
    return registry;
  }

  private final class ForListener implements NettyServerCustomizer {
    @Override
    public NettyServerCustomizer specializeForChannel(Channel channel, ChannelRole role) {
      if (role != ChannelRole.CONNECTION) {
        return this;
      }
      QuietHandshake.into(channel);
      return new ForConnection(channel);
    }
  }

  private final class ForConnection implements NettyServerCustomizer {
    private final Channel channel;

    ForConnection(Channel channel) {
      this.channel = channel;
    }

    @Override
    public NettyServerCustomizer specializeForChannel(Channel stream, ChannelRole role) {
      return role == ChannelRole.REQUEST_STREAM ? new ForConnection(stream) : this;
    }

    @Override
    public void onStreamPipelineBuilt() {
      channel
          .pipeline()
          .addBefore(
              ChannelPipelineCustomizer.HANDLER_MICRONAUT_INBOUND,
              "vestibule-request-bound",
              new RequestBound(maxBytes, MAX_TIME));
    }
  }
}
