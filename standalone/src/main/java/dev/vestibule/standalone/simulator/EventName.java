package dev.vestibule.standalone.simulator;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/** The event name at the top of a body, which KyberAccess repeats in a header. */
final class EventName {
  private static final JsonFactory JSON = new JsonFactory();

  private EventName() {}

  /** The name, or an empty text when there is none that a header could carry. */
  static String in(byte[] body) {
    try (JsonParser parser = JSON.createParser(body)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return "";
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String field = parser.currentName();
        JsonToken value = parser.nextToken();
        if (field.equals("event") && value == JsonToken.VALUE_STRING) {
          String name = parser.getText();
          return name.matches("[!-~]{1,200}") ? name : "";
        }
        parser.skipChildren();
      }
      return "";
    } catch (IOException e) {
      return "";
    }
  }
}
