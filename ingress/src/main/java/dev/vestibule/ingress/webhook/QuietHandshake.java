package dev.vestibule.ingress.webhook;

import io.micronaut.http.netty.channel.ChannelPipelineCustomizer;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends connections whose TLS handshake fails, before the server's own log line: who speaks plain
 * HTTP to a TLS port would find the request, body and all, in that line.
 */
final class QuietHandshake extends ChannelInboundHandlerAdapter {
  private static final String NAME = "vestibule-handshake";
  private static final Logger LOG = LoggerFactory.getLogger(QuietHandshake.class);

  /** Puts itself behind TLS, if there is any, once the pipeline is there. */
  static void into(Channel channel) {
    channel
        .pipeline()
        .addFirst(
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelActive(ChannelHandlerContext context) {
                ChannelPipeline pipeline = context.pipeline();
                if (pipeline.get(ChannelPipelineCustomizer.HANDLER_SSL) != null) {
                  pipeline.addAfter(
                      ChannelPipelineCustomizer.HANDLER_SSL, NAME, new QuietHandshake());
                }
                pipeline.remove(this);
                context.fireChannelActive();
              }
            });
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof SslHandshakeCompletionEvent handshake) {
      if (!handshake.isSuccess()) {
        end(context, handshake.cause());
        return;
      }
      context.pipeline().remove(this);
    }
    context.fireUserEventTriggered(event);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    end(context, cause);
  }

  private static void end(ChannelHandlerContext context, Throwable cause) {
    LOG.atDebug()
        .addKeyValue("error", cause.getClass().getSimpleName())
        .log("TLS handshake failed");
    var _ = context.close();
  }
}
