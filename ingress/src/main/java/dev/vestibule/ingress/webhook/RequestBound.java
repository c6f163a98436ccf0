package dev.vestibule.ingress.webhook;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Bounds how much and for how long one request may send, whether somebody reads it or not.
 *
 * <p>An answer can be ready before the body is: a body that is too large, a source that does not
 * exist. The server then drops what still comes, so that the sender gets to read the answer; this
 * bound ends the connection of those who never stop, or who send a byte a minute.
 */
final class RequestBound extends ChannelInboundHandlerAdapter {
  private final long maxBytes;
  private final Duration maxTime;
  private long bytes;
  private @Nullable ScheduledFuture<?> deadline;

  RequestBound(long maxBytes, Duration maxTime) {
    this.maxBytes = maxBytes;
    this.maxTime = maxTime;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof HttpRequest) {
      finish();
      bytes = 0;
      deadline =
          context
              .executor()
              .schedule(() -> end(context), maxTime.toMillis(), TimeUnit.MILLISECONDS);
    }
    if (message instanceof HttpContent content) {
      bytes += content.content().readableBytes();
      if (message instanceof LastHttpContent) {
        finish();
      } else if (bytes > maxBytes) {
        ReferenceCountUtil.release(message);
        end(context);
        return;
      }
    }
    context.fireChannelRead(message);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    finish();
    context.fireChannelInactive();
  }

  private static void end(ChannelHandlerContext context) {
    var _ = context.close();
  }

  private void finish() {
    if (deadline != null) {
      deadline.cancel(false);
      deadline = null;
    }
  }
}
