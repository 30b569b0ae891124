// pgjdbc, both sides of a share and what else its users do; a line of JSON for each step.

import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.Date;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import org.postgresql.PGConnection;

public final class Steps {
  private static String[] told;

  private interface Use {
    void of(Connection connection) throws Exception;
  }

  private static Connection connect(String side) throws SQLException {
    Properties way = new Properties();
    way.setProperty("user", told[3]);
    way.setProperty("password", told[4]);
    way.setProperty("sslmode", "verify-full");
    way.setProperty("sslrootcert", told[5]);
    String at = side.equals("producer") ? told[0] : told[1];
    return DriverManager.getConnection("jdbc:postgresql://" + at + "/" + told[2], way);
  }

  private static void step(String what, String side, Use use) {
    String said = "";
    try (Connection connection = connect(side)) {
      use.of(connection);
    } catch (Throwable error) {
      StringWriter text = new StringWriter();
      error.printStackTrace(new PrintWriter(text));
      said = text.toString();
    }
    System.out.println(
        "{\"what\": " + json(what) + ", \"ok\": " + said.isEmpty() + ", \"said\": " + json(said) + "}");
  }

  private static String json(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      out.append(c == '"' || c == '\\' ? "\\" + c : c < 32 ? String.format("\\u%04x", (int) c) : "" + c);
    }
    return out.append('"').toString();
  }

  private static void same(Object found, Object expected) {
    if (!Objects.equals(found, expected)) {
      throw new AssertionError(found + " is not " + expected);
    }
  }

  private static void run(Connection connection, String... texts) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String sql : texts) {
        statement.execute(sql);
      }
    }
  }

  private static void refused(Connection connection, String sql, String code) {
    try {
      run(connection, sql);
    } catch (SQLException error) {
      same(sql + " " + error.getSQLState(), sql + " " + code);
      return;
    }
    throw new AssertionError(sql + " ran");
  }

  private static List<List<Object>> rows(ResultSet found) throws SQLException {
    List<List<Object>> all = new ArrayList<>();
    while (found.next()) {
      List<Object> row = new ArrayList<>();
      for (int n = 1; n <= found.getMetaData().getColumnCount(); n++) {
        row.add(found.getObject(n));
      }
      all.add(row);
    }
    return all;
  }

  private static List<List<Object>> rows(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      return rows(statement.executeQuery(sql));
    }
  }

  private static List<Object> column(ResultSet found, String name) throws SQLException {
    List<Object> all = new ArrayList<>();
    while (found.next()) {
      all.add(found.getObject(name));
    }
    return all;
  }

  public static void main(String[] words) {
    told = words;
    String share = told[6];

    step("producer: ALTER DATASHARE ADD TABLE", "producer", c -> run(c,
        "CREATE TABLE jd (a int not null, b bigint, c decimal(8,2), d float8, e bool, f date, "
            + "g timestamp, z timestamptz, h varchar(40), i int, primary key (a))",
        "ALTER DATASHARE " + share + " ADD TABLE public.jd"));

    step("types there and back in text, then in binary; NULL and unicode", "producer", c -> {
      OffsetDateTime zoned = OffsetDateTime.of(2026, 1, 2, 3, 4, 5, 0, ZoneOffset.UTC);
      try (PreparedStatement put = c.prepareStatement("INSERT INTO jd VALUES (?,?,?,?,?,?,?,?,?,?)")) {
        put.setInt(1, 1);
        put.setLong(2, 1L << 40);
        put.setBigDecimal(3, new BigDecimal("-1.50"));
        put.setDouble(4, 0.1);
        put.setBoolean(5, true);
        put.setDate(6, Date.valueOf("2026-01-02"));
        put.setTimestamp(7, Timestamp.valueOf("2026-01-02 03:04:05.6789"));
        put.setObject(8, zoned);
        put.setString(9, "zwölf 'q' \\ €");
        put.setNull(10, Types.INTEGER);
        same(put.executeUpdate(), 1);
      }
      try (PreparedStatement get = c.prepareStatement("SELECT * FROM jd WHERE a = ? AND h LIKE ?")) {
        for (int n = 0; n < 8; n++) {
          get.setInt(1, 1);
          get.setString(2, "zw%");
          try (ResultSet found = get.executeQuery()) {
            same(found.next(), true);
            same(found.getInt(1), 1);
            same(found.getLong(2), 1L << 40);
            same(found.getBigDecimal(3), new BigDecimal("-1.50"));
            same(found.getDouble(4), 0.1);
            same(found.getBoolean(5), true);
            same(found.getDate(6), Date.valueOf("2026-01-02"));
            same(found.getTimestamp(7), Timestamp.valueOf("2026-01-02 03:04:05.6789"));
            same(found.getObject(8, OffsetDateTime.class).toInstant(), zoned.toInstant());
            same(found.getString(9), "zwölf 'q' \\ €");
            same(found.getObject(10), null);
          }
        }
        ResultSetMetaData shape = get.getMetaData();
        same(shape.getColumnTypeName(3), "numeric");
        same(shape.getPrecision(3) + "," + shape.getScale(3), "8,2");
        same(get.getParameterMetaData().getParameterCount(), 2);
      }
    });

    step("consumer: CREATE DATABASE FROM DATASHARE, INSERT, SELECT", "consumer", c -> {
      run(c, "CREATE DATABASE " + share + " FROM DATASHARE " + share + " OF ACCOUNT '" + told[7]
          + "' NAMESPACE '" + told[8] + "'");
      String table = share + ".public.t_" + share;
      try (PreparedStatement put = c.prepareStatement("INSERT INTO " + table + " VALUES (?, ?)")) {
        put.setInt(1, 3);
        put.setString(2, "ü");
        same(put.executeUpdate(), 1);
      }
      same(rows(c, "SELECT words FROM " + table + " WHERE i > 1 ORDER BY i"),
          List.of(List.of("b"), List.of("ü")));
    });

    step("batch", "producer", c -> {
      run(c, "CREATE TABLE jd_many (i int, w varchar(9))");
      try (PreparedStatement put = c.prepareStatement("INSERT INTO jd_many VALUES (?, ?)")) {
        for (int n = 0; n < 20; n++) {
          put.setInt(1, n);
          put.setString(2, n % 2 == 0 ? "even" : null);
          put.addBatch();
        }
        same(put.executeBatch().length, 20);
      }
      same(rows(c, "SELECT count(*), count(w) FROM jd_many"), List.of(List.of(20L, 10L)));
      try (Statement batch = c.createStatement()) {
        batch.addBatch("INSERT INTO jd_many VALUES (99, 'x')");
        batch.addBatch("INSERT INTO jd_nowhere VALUES (99, 'x')");
        batch.executeBatch();
        throw new AssertionError("it ran");
      } catch (BatchUpdateException error) {
        same(error.getSQLState(), "42P01");
      }
    });

    step("fetch size: portals", "producer", c -> {
      run(c, "CREATE TABLE jd_large (i int)",
          "INSERT INTO jd_large VALUES (0), (1), (2), (3), (4), (5), (6), (7)");
      for (int n = 0; n < 12; n++) {
        run(c, "INSERT INTO jd_large SELECT i FROM jd_large");
      }
      c.setAutoCommit(false);
      try (PreparedStatement get = c.prepareStatement("SELECT i, repeat('x', 100) FROM jd_large WHERE i < ?")) {
        get.setFetchSize(1000);
        for (int n = 0; n < 7; n++) {
          get.setInt(1, 4);
          ResultSet found = get.executeQuery();
          int seen = 0;
          while (found.next()) {
            seen++;
          }
          same(seen, 4 << 12);
        }
      }
      c.commit();
    });

    step("transactions: rollback, an error and 25P02 after it, isolation, savepoints refused", "producer", c -> {
      c.setAutoCommit(false);
      run(c, "DELETE FROM jd_many");
      c.rollback();
      same(rows(c, "SELECT count(*) FROM jd_many"), List.of(List.of(20L)));
      refused(c, "SELECT * FROM jd_nowhere", "42P01");
      refused(c, "SELECT 1", "25P02");
      c.rollback();
      c.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
      same(rows(c, "SELECT 1"), List.of(List.of(1)));
      c.rollback();
      try {
        c.setSavepoint();
        throw new AssertionError("a savepoint was set");
      } catch (SQLException error) {
        same(error.getSQLState(), "0A000");
      }
      c.rollback();
      c.setAutoCommit(true);
      same(c.isValid(5), true);
    });

    step("metadata: getTables, getColumns, getSchemas", "producer", c -> {
      same(column(c.getMetaData().getTables(null, "public", "jd%", new String[] {"TABLE"}), "TABLE_NAME"),
          List.of("jd", "jd_large", "jd_many"));
      ResultSet columns = c.getMetaData().getColumns(null, "public", "jd", null);
      List<Object> found = new ArrayList<>();
      while (columns.next()) {
        found.add(columns.getString("COLUMN_NAME") + " " + columns.getString("TYPE_NAME") + " "
            + columns.getInt("COLUMN_SIZE") + " " + columns.getInt("DECIMAL_DIGITS") + " "
            + columns.getInt("ORDINAL_POSITION") + " " + columns.getString("IS_NULLABLE"));
      }
      same(found.subList(0, 3), List.of("a int4 10 0 1 NO", "b int8 19 0 2 YES", "c numeric 8 2 3 YES"));
      same(found.get(8), "h varchar 40 0 9 YES");
      same(column(c.getMetaData().getSchemas(), "TABLE_SCHEM").contains("public"), true);
    });

    step("errors with their SQLSTATE; COPY refused", "producer", c -> {
      refused(c, "SELEC 1", "42601");
      refused(c, "SELECT nothing FROM jd", "42703");
      refused(c, "CREATE TABLE jd (i int)", "42P07");
      refused(c, "SELECT 1 / 0", "22012");
      try {
        c.unwrap(PGConnection.class).getCopyAPI().copyIn("COPY jd_many FROM STDIN", new StringReader("1\ta\n"));
        throw new AssertionError("it was copied");
      } catch (SQLException error) {
        same(error.getSQLState(), "0A000");
      }
      same(rows(c, "SELECT 1"), List.of(List.of(1)));
    });
  }
}
