package dev.vestibule.serde;

import dev.vestibule.config.ConfigException;
import dev.vestibule.config.RegistryConfig;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * Avro in the Confluent wire format, byte for byte what {@code
 * io.confluent.kafka.serializers.KafkaAvroSerializer} writes. The schema is registered under {@code
 * <topic>-value} at the first record of a topic; its id is remembered. Safe for several threads.
 */
public final class AvroSerializer implements Serializer<SpecificRecord> {
  /** Key of {@link #configure}: address of the registry. */
  public static final String REGISTRY_URL = "schema.registry.url";

  /** Key of {@link #configure}: {@code user:password} for HTTP Basic. */
  public static final String USER_INFO = "basic.auth.user.info";

  /** Key of {@link #configure}: whether unknown schemas are registered; default true. */
  public static final String AUTO_REGISTER = "auto.register.schemas";

  private static final String VALUE_SERIALIZER = "value.serializer";

  private final Map<Target, Writer> writers = new ConcurrentHashMap<>();
  private @Nullable SchemaRegistry registry;
  private @Nullable HttpSchemaRegistry owned;
  private boolean autoRegister = true;
  private boolean key;

  /** For Kafka, which calls {@link #configure} next. */
  public AvroSerializer() {}

  /** Ready for use. The registry stays the caller's to close. */
  public AvroSerializer(SchemaRegistry registry) {
    this(registry, true);
  }

  /**
   * Ready for use. The registry stays the caller's to close.
   *
   * @param autoRegister whether unknown schemas are registered; otherwise they are an error
   */
  public AvroSerializer(SchemaRegistry registry, boolean autoRegister) {
    this.registry = registry;
    this.autoRegister = autoRegister;
  }

  /**
   * The value serializer that an installation asks for: the class named by {@code
   * value.serializer}, configured; this one where none is named.
   *
   * @param kafka the installation's Kafka settings
   * @param registryConfig address and authentication for another class than this one
   * @param registry registry for this class
   * @throws ConfigException when the class is missing or no serializer
   */
  public static Serializer<SpecificRecord> from(
      Map<String, String> kafka, RegistryConfig registryConfig, SchemaRegistry registry) {
    String name = kafka.get(VALUE_SERIALIZER);
    if (name == null || name.equals(AvroSerializer.class.getName())) {
      return new AvroSerializer(registry, isTrue(kafka.get(AUTO_REGISTER)));
    }
    Map<String, String> settings = new HashMap<>(kafka);
    if (registryConfig.url() != null) {
      settings.put(REGISTRY_URL, registryConfig.url());
    }
    String userInfo = registryConfig.userInfo();
    if (userInfo != null) {
      settings.put("basic.auth.credentials.source", "USER_INFO");
      settings.put(USER_INFO, userInfo);
    }
    Serializer<SpecificRecord> serializer = instance(name);
    serializer.configure(settings, false);
    return serializer;
  }

  // A serializer class of another maker is known by name only; Kafka itself casts it like this.
  @SuppressWarnings("unchecked")
  private static Serializer<SpecificRecord> instance(String name) {
    try {
      return (Serializer<SpecificRecord>)
          Class.forName(name).asSubclass(Serializer.class).getDeclaredConstructor().newInstance();
    } catch (ReflectiveOperationException | ClassCastException e) {
      throw new ConfigException(
          "kafka." + VALUE_SERIALIZER,
          "'" + name + "' is no usable class; expected a Serializer on the class path");
    }
  }

  @Override
  public void configure(Map<String, ?> configs, boolean isKey) {
    key = isKey;
    autoRegister = isTrue(configs.get(AUTO_REGISTER));
    if (registry == null) {
      Object url = configs.get(REGISTRY_URL);
      if (url == null) {
        throw new ConfigException(
            REGISTRY_URL, "is missing; expected the address of a schema registry");
      }
      Object userInfo = configs.get(USER_INFO);
      owned = new HttpSchemaRegistry(url.toString(), userInfo == null ? null : userInfo.toString());
      registry = owned;
    }
  }

  /**
   * @return the bytes, or null for a null record
   * @throws RegistryException when the registry refuses the schema or cannot be reached
   * @throws SerializationException when the record does not fit its own schema
   */
  @Override
  public byte @Nullable [] serialize(String topic, @Nullable SpecificRecord record) {
    if (record == null) {
      return null;
    }
    Writer writer = writer(topic, record.getSchema());
    ByteArrayOutputStream out = new ByteArrayOutputStream(512);
    out.write(WireFormat.MAGIC);
    out.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(writer.id()).array());
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
    try {
      writer.datumWriter().write(record, encoder);
      encoder.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("memory cannot fail", e);
    } catch (RuntimeException e) {
      // Avro's message for a missing value names only the path; every other may quote the value.
      throw new SerializationException(
          "record for topic "
              + topic
              + " does not fit its schema "
              + record.getSchema().getName()
              + (e instanceof NullPointerException ? ": " + e.getMessage() : ""));
    }
    return out.toByteArray();
  }

  @Override
  public void close() {
    if (owned != null) {
      owned.close();
    }
  }

  private Writer writer(String topic, Schema schema) {
    Target target = new Target(topic, schema);
    Writer known = writers.get(target);
    if (known != null) {
      return known;
    }
    SchemaRegistry from = registry;
    if (from == null) {
      throw new IllegalStateException("serializer is not configured");
    }
    String subject = WireFormat.subject(topic, key);
    int id = autoRegister ? from.register(subject, schema) : from.lookup(subject, schema);
    Writer writer = new Writer(id, new SpecificDatumWriter<>(schema));
    writers.put(target, writer);
    return writer;
  }

  private static boolean isTrue(@Nullable Object value) {
    return value == null || Boolean.parseBoolean(value.toString());
  }

  private record Target(String topic, Schema schema) {}

  private record Writer(int id, SpecificDatumWriter<SpecificRecord> datumWriter) {}
}
