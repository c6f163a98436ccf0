package dev.vestibule.standalone.simulator;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.io.SerializedString;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import dev.vestibule.contract.Vendor;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * How a vendor prints JSON. Sign In App and Curacel look like PHP (inferred from their samples): a
 * slash is written {@code \/} and everything beyond ASCII as {@code \}{@code uXXXX}, so a receiver
 * that parses and prints again gets other bytes.
 */
final class Wire {
  private static final ObjectWriter PLAIN = new ObjectMapper().writer();
  private static final ObjectWriter PHP =
      new ObjectMapper()
          .writer()
          .with(new SlashEscapes())
          .with(JsonWriteFeature.ESCAPE_NON_ASCII)
          .without(JsonWriteFeature.WRITE_HEX_UPPER_CASE);

  private Wire() {}

  static byte[] bytes(Vendor vendor, JsonNode tree) {
    ObjectWriter writer =
        switch (vendor) {
          case SIGN_IN_APP, CURACEL -> PHP;
          default -> PLAIN;
        };
    try {
      return writer.writeValueAsString(tree).getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree cannot be printed", e);
    }
  }

  private static final class SlashEscapes extends CharacterEscapes {
    private static final long serialVersionUID = 1L;
    private static final SerializedString SLASH = new SerializedString("\\/");

    @Override
    public int[] getEscapeCodesForAscii() {
      int[] escapes = standardAsciiEscapesForJSON();
      escapes['/'] = ESCAPE_CUSTOM;
      return escapes;
    }

    @Override
    public @Nullable SerializableString getEscapeSequence(int character) {
      return character == '/' ? SLASH : null;
    }
  }
}
