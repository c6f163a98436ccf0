package dev.vestibule.sink.access.target.http;

import dev.vestibule.sink.access.target.TargetException;
import dev.vestibule.sink.access.target.TargetException.Kind;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/** What it means that a call ended without an answer. */
public final class Disturbance {
  /** TLS alerts with which a server says that it does not like our certificate. */
  private static final Pattern CERTIFICATE_ALERT =
      Pattern.compile("\\((bad|unsupported)_certificate|\\(certificate_|\\(unknown_ca\\)");

  private Disturbance() {}

  /** For a failure that the network or TLS reported. */
  public static TargetException of(Call call, Throwable failure) {
    if (causes(failure).anyMatch(Disturbance::isAboutCertificates)) {
      return new TargetException(
          Kind.AUTH,
          call.name()
              + " met a certificate that does not fit; check the trusted and the own certificates");
    }
    if (causes(failure).anyMatch(Disturbance::isBeforeSending)) {
      return new TargetException(
          Kind.RETRY, call.name() + " got no connection (" + kind(failure) + ")");
    }
    return lost(call, "lost the connection (" + kind(failure) + ")");
  }

  /** For a call that was sent, or may have been. */
  public static TargetException lost(Call call, String what) {
    return new TargetException(
        call.changes() ? Kind.AMBIGUOUS : Kind.RETRY, call.name() + " " + what);
  }

  private static boolean isAboutCertificates(Throwable cause) {
    return cause instanceof CertificateException
        || cause instanceof CertPathValidatorException
        || (cause instanceof SSLException && saysCertificate(cause.getMessage()));
  }

  private static boolean saysCertificate(@Nullable String message) {
    return message != null && CERTIFICATE_ALERT.matcher(message).find();
  }

  private static boolean isBeforeSending(Throwable cause) {
    return cause instanceof ConnectException
        || cause instanceof HttpConnectTimeoutException
        || cause instanceof NoRouteToHostException
        || cause instanceof UnknownHostException
        || cause instanceof UnresolvedAddressException
        || cause instanceof SSLHandshakeException;
  }

  private static String kind(Throwable failure) {
    return failure.getClass().getSimpleName();
  }

  private static Stream<Throwable> causes(Throwable failure) {
    List<Throwable> chain = new ArrayList<>();
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      chain.add(cause);
    }
    return chain.stream();
  }
}
