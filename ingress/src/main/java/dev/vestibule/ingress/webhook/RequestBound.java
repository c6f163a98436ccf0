package dev.vestibule.ingress.webhook;

import dev.vestibule.config.ConnectionLimits;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Bounds how much and for how long a request may be sent, whether somebody reads it or not, and how
 * many of them.
 *
 * <p>An answer can be ready before the body is: a body that is too large, a source that does not
 * exist. The server then drops what still comes, so that the sender gets to read the answer; this
 * bound ends the connection of those who never stop, or who send a byte a minute.
 */
final class RequestBound extends ChannelDuplexHandler {
  private final Connections.Connection connection;
  private final ConnectionLimits limits;
  private final long maxBytes;
  private final Writes writes;

  private long begun;
  private long complete;
  private long answered;
  private long bytes;
  private boolean interim;
  private boolean deaf;
  private @Nullable Consumer<Boolean> listener;
  private @Nullable ScheduledFuture<?> deadline;

  /**
   * @param maxBytes of one request's body
   * @param writes who wants to know that an answer was written
   */
  RequestBound(
      Connections.Connection connection, ConnectionLimits limits, long maxBytes, Writes writes) {
    this.writes = writes;
    this.connection = connection;
    this.limits = limits;
    this.maxBytes = maxBytes;
  }

  /** Goes before the decoder: time runs from a request's first byte. */
  final class FirstByte extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      begin(context);
      context.fireChannelRead(message);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (deaf) {
      ReferenceCountUtil.release(message);
      return;
    }
    if (message instanceof HttpRequest request) {
      if (hasNoEnd(request)) {
        // Refused like any other broken head, which also ends the connection.
        request.setDecoderResult(
            DecoderResult.failure(new DecoderException("unknown transfer encoding")));
        deaf = true;
      }
      begin(context);
      bytes = 0;
      begun++;
      if (begun - answered > limits.maxPipelined()) {
        ReferenceCountUtil.release(message);
        cut(context, "pipelined");
        return;
      }
    }
    if (message instanceof HttpContent content) {
      bytes += content.content().readableBytes();
      if (message instanceof LastHttpContent) {
        finish();
        complete++;
        if (answered < complete) {
          connection.owe();
        }
      } else if (bytes > maxBytes) {
        ReferenceCountUtil.release(message);
        cut(context, "unwanted_bytes");
        return;
      }
    }
    context.fireChannelRead(message);
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    ChannelPromise written = promise;
    if (message instanceof HttpResponse response) {
      String mark = response.headers().get(Writes.HEADER);
      if (mark != null) {
        response.headers().remove(Writes.HEADER);
        listener = writes.take(mark);
      }
      interim = response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
      if (!interim && isLast()) {
        HttpUtil.setKeepAlive(response, false);
      }
    }
    if (message instanceof LastHttpContent && !interim) {
      if (isLast()) {
        written = promise.unvoid().addListener(ChannelFutureListener.CLOSE);
      }
      Consumer<Boolean> told = listener;
      if (told != null) {
        listener = null;
        written = written.unvoid().addListener(done -> told.accept(done.isSuccess()));
      }
      if (answered++ < complete) {
        connection.settle(1);
      }
    }
    var _ = context.write(message, written);
  }

  /** Whether the next answer is the last on this connection. */
  private boolean isLast() {
    return answered + 1 >= limits.maxRequests();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    finish();
    connection.settle(complete - answered);
    answered = complete;
    context.fireChannelInactive();
  }

  /** Others might see the end of its body somewhere else, and another request behind it. */
  private static boolean hasNoEnd(HttpRequest request) {
    List<String> encodings = request.headers().getAll(HttpHeaderNames.TRANSFER_ENCODING);
    return !encodings.isEmpty()
        && (encodings.size() > 1
            || !HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(encodings.getFirst()));
  }

  private void begin(ChannelHandlerContext context) {
    if (deadline == null) {
      deadline =
          context
              .executor()
              .schedule(
                  () -> cut(context, "request_timeout"),
                  limits.requestTimeout().toMillis(),
                  TimeUnit.MILLISECONDS);
    }
  }

  private void cut(ChannelHandlerContext context, String reason) {
    deaf = true;
    connection.cut(reason);
    var _ = context.close();
  }

  private void finish() {
    if (deadline != null) {
      deadline.cancel(false);
      deadline = null;
    }
  }
}
