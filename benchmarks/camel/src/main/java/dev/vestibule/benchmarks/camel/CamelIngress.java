package dev.vestibule.benchmarks.camel;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.main.Main;

/**
 * What an integrator would write with Camel: take a POST, compare the HMAC of the exact bytes, hand
 * them to Kafka and answer when it has them. Arguments: port, bootstrap servers, topic, secret. Ends
 * when stdin does.
 */
public final class CamelIngress extends RouteBuilder {
  private static final String ALGORITHM = "HmacSHA256";

  private final String bootstrap;
  private final String topic;
  private final SecretKeySpec secret;

  private CamelIngress(String bootstrap, String topic, String secret) {
    this.bootstrap = bootstrap;
    this.topic = topic;
    this.secret = new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM);
  }

  /** Prints one line when it serves. */
  public static void main(String[] args) throws Exception {
    Main main = new Main();
    main.addInitialProperty("camel.server.enabled", "true");
    main.addInitialProperty("camel.server.host", "127.0.0.1");
    main.addInitialProperty("camel.server.port", args[0]);
    main.addInitialProperty("camel.main.shutdownTimeout", "5");
    main.configure().addRoutesBuilder(new CamelIngress(args[1], args[2], args[3]));
    main.start();
    System.out.println("ready " + args[0]);
    while (System.in.read() >= 0) {
      // Nothing to do but to wait for the end.
    }
    main.stop();
  }

  @Override
  public void configure() {
    from("platform-http:/hooks/hq-curacel?httpMethodRestrict=POST")
        .convertBodyTo(byte[].class)
        .process(this::verify)
        .choice()
        .when(exchangeProperty("genuine"))
        .to(
            "kafka:"
                + topic
                + "?brokers="
                + bootstrap
                + "&requestRequiredAcks=all"
                + "&valueSerializer=org.apache.kafka.common.serialization.ByteArraySerializer")
        .removeHeaders("*")
        .setBody(constant("{}"))
        .otherwise()
        .removeHeaders("*")
        .setHeader(Exchange.HTTP_RESPONSE_CODE, constant(401))
        .setBody(constant("{}"));
  }

  private void verify(Exchange exchange) throws GeneralSecurityException {
    byte[] body = exchange.getMessage().getBody(byte[].class);
    Mac mac = Mac.getInstance(ALGORITHM);
    mac.init(secret);
    byte[] expected =
        HexFormat.of().formatHex(mac.doFinal(body)).getBytes(StandardCharsets.US_ASCII);
    String signature = exchange.getMessage().getHeader("x-curacel-signature", "", String.class);
    boolean genuine =
        MessageDigest.isEqual(expected, signature.getBytes(StandardCharsets.ISO_8859_1));
    exchange.setProperty("genuine", genuine);
    // A key per request, as a real route would have one per visit.
    String key = exchange.getMessage().getHeader("x-request-key", "", String.class);
    exchange.getMessage().removeHeaders("*");
    exchange.getMessage().setHeader(KafkaConstants.KEY, key);
  }
}
