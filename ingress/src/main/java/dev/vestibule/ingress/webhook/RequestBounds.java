package dev.vestibule.ingress.webhook;

import dev.vestibule.config.ConnectionLimits;
import io.micronaut.context.event.BeanCreatedEvent;
import io.micronaut.context.event.BeanCreatedEventListener;
import io.micronaut.http.netty.channel.ChannelPipelineCustomizer;
import io.micronaut.http.server.netty.NettyServerCustomizer;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import jakarta.inject.Singleton;

/**
 * Counts every connection, and puts a {@link RequestBound}, and over TLS a {@link QuietHandshake},
 * into it.
 */
@Singleton
final class RequestBounds implements BeanCreatedEventListener<NettyServerCustomizer.Registry> {
  /** How much a sender may go on sending that nobody wants, so that it reads our answer. */
  private static final long DROPPED_BYTES = 64L * 1024 * 1024;

  private final ConnectionLimits limits;
  private final Connections connections;
  private final long maxBytes;
  private final Writes writes;

  RequestBounds(Sources sources, Webhooks webhooks, ConnectionLimits limits) {
    this.limits = limits;
    this.writes = webhooks.writes();
    this.connections = new Connections(limits.max(), webhooks.metrics());
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
      return new ForConnection(channel, connections.opened(channel));
    }
  }

  private final class ForConnection implements NettyServerCustomizer {
    private final Channel channel;
    private final Connections.Connection connection;

    ForConnection(Channel channel, Connections.Connection connection) {
      this.channel = channel;
      this.connection = connection;
    }

    @Override
    public NettyServerCustomizer specializeForChannel(Channel stream, ChannelRole role) {
      return role == ChannelRole.REQUEST_STREAM ? new ForConnection(stream, connection) : this;
    }

    @Override
    public void onStreamPipelineBuilt() {
      RequestBound bound = new RequestBound(connection, limits, maxBytes, writes);
      ChannelPipeline pipeline = channel.pipeline();
      pipeline.addBefore(
          ChannelPipelineCustomizer.HANDLER_MICRONAUT_INBOUND, "vestibule-request-bound", bound);
      if (pipeline.get(ChannelPipelineCustomizer.HANDLER_HTTP_SERVER_CODEC) != null) {
        pipeline.addBefore(
            ChannelPipelineCustomizer.HANDLER_HTTP_SERVER_CODEC,
            "vestibule-first-byte",
            bound.new FirstByte());
      }
    }
  }
}
