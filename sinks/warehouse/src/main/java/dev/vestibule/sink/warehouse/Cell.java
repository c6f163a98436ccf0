package dev.vestibule.sink.warehouse;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Array;
import java.sql.Blob;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Struct;
import java.sql.Timestamp;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.duckdb.DuckDBStruct;
import org.jspecify.annotations.Nullable;

/** One value of a result as JSON knows it. */
final class Cell {
  private static final DateTimeFormatter MICROSECONDS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT);

  private Cell() {}

  static @Nullable Object value(ResultSet rows, int column, String type) throws SQLException {
    // The JDBC type of a time without zone would go through the zone of this machine.
    if (type.startsWith("TIMESTAMP") && !type.contains("ZONE") && !type.endsWith("]")) {
      return json(rows.getObject(column, LocalDateTime.class));
    }
    return json(rows.getObject(column));
  }

  private static @Nullable Object json(@Nullable Object value) throws SQLException {
    return switch (value) {
      case null -> null;
      case Boolean flag -> flag;
      case Double number -> number.isNaN() || number.isInfinite() ? number.toString() : number;
      case Float number -> number.isNaN() || number.isInfinite() ? number.toString() : number;
      case Byte _, Short _, Integer _, Long _, BigInteger _, BigDecimal _ -> value;
      case OffsetDateTime time -> MICROSECONDS.format(time.withOffsetSameInstant(ZoneOffset.UTC));
      case LocalDateTime time -> MICROSECONDS.format(time);
      case Timestamp time -> MICROSECONDS.format(time.toLocalDateTime());
      case Blob blob ->
          Base64.getEncoder().encodeToString(blob.getBytes(1, Math.toIntExact(blob.length())));
      case byte[] bytes -> Base64.getEncoder().encodeToString(bytes);
      case Array array -> list((Object[]) array.getArray());
      case Object[] array -> list(array);
      case DuckDBStruct struct -> map(struct.getMap());
      case Struct struct -> list(struct.getAttributes());
      case Map<?, ?> map -> map(map);
      default -> value.toString();
    };
  }

  private static List<@Nullable Object> list(@Nullable Object[] values) throws SQLException {
    List<@Nullable Object> list = new ArrayList<>();
    for (Object value : values) {
      list.add(json(value));
    }
    return list;
  }

  private static Map<String, @Nullable Object> map(Map<?, ?> values) throws SQLException {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    for (Map.Entry<?, ?> entry : values.entrySet()) {
      map.put(String.valueOf(entry.getKey()), json(entry.getValue()));
    }
    return map;
  }
}
