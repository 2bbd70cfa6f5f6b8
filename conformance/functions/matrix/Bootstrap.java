import java.io.ByteArrayOutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.MessageDigest;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A runtime on the JVM with the two HTTP clients of the JDK: the newer for CodePipeline, the older for S3. */
public class Bootstrap {
  static final Map<String, String> ENV = System.getenv();
  static final HttpClient HTTP = HttpClient.newHttpClient();
  static final String[] OWN_KEYS = {ENV.get("AWS_ACCESS_KEY_ID"), ENV.get("AWS_SECRET_ACCESS_KEY"), ENV.get("AWS_SESSION_TOKEN")};

  final String event;

  Bootstrap(String event) {
    this.event = event;
  }

  public static void main(String[] arguments) throws Exception {
    String api = "http://" + ENV.get("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/invocation/";
    while (true) {
      var next = HTTP.send(HttpRequest.newBuilder(URI.create(api + "next")).build(), BodyHandlers.ofString());
      var one = new Bootstrap(next.body());
      if (ENV.get("_HANDLER").equals("report")) one.tell("PutJobSuccessResult", "");
      else one.work();
      String id = next.headers().firstValue("Lambda-Runtime-Aws-Request-Id").orElseThrow();
      var answer = HttpRequest.newBuilder(URI.create(api + id + "/response")).POST(BodyPublishers.ofString("null")).build();
      HTTP.send(answer, BodyHandlers.discarding());
    }
  }

  void work() throws Exception {
    long outputs = Pattern.compile("\"objectKey\"").matcher(event).results().count(); // the inputs, and one output
    var made = new ByteArrayOutputStream();
    String size = "";
    for (int artifact = 1; artifact < outputs; artifact++) {
      byte[] content = storage("GET", artifact, new byte[0], Map.of());
      made.write(content);
      size = String.valueOf(content.length);
    }
    String said = found("size=(\\d+)", 1);
    if (!said.isEmpty() && !said.equals(size)) {
      String message = "size is " + size + " but the variable says " + said;
      tell("PutJobFailureResult", ",\"failureDetails\":{\"type\":\"RevisionOutOfSync\",\"message\":\"" + message + "\"}");
      return;
    }
    int count = Integer.parseInt("0" + value("continuationToken", 1)) + 1;
    if (count < Integer.parseInt(found("jobs=(\\d+)", 1))) {
      tell("PutJobSuccessResult", ",\"continuationToken\":\"" + count + "\"");
      return;
    }
    storage("PUT", (int) outputs, made.toByteArray(), Map.of("x-amz-server-side-encryption", "aws:kms"));
    tell("PutJobSuccessResult", ",\"outputVariables\":{\"Size\":\"" + made.size() + "\"}");
  }

  void tell(String operation, String members) throws Exception {
    byte[] body = ("{\"jobId\":\"" + value("id", 1) + "\"" + members + "}").getBytes();
    var headers = Map.of("content-type", "application/x-amz-json-1.1", "x-amz-target", "CodePipeline_20150709." + operation);
    URI place = URI.create(endpoint("codepipeline") + "/");
    var request = HttpRequest.newBuilder(place).POST(BodyPublishers.ofByteArray(body));
    signed("codepipeline", "POST", place, body, OWN_KEYS, headers).forEach(request::header);
    var answer = HTTP.send(request.build(), BodyHandlers.ofString());
    if (answer.statusCode() != 200) throw new Exception(operation + ": " + answer.statusCode() + " " + answer.body());
  }

  byte[] storage(String method, int artifact, byte[] body, Map<String, String> headers) throws Exception {
    URI place = URI.create(endpoint("s3") + "/" + value("bucketName", artifact) + "/" + value("objectKey", artifact));
    String[] keys = {value("accessKeyId", 1), value("secretAccessKey", 1), value("sessionToken", 1)};
    var connection = (HttpURLConnection) place.toURL().openConnection();
    connection.setRequestMethod(method);
    signed("s3", method, place, body, keys, headers).forEach(connection::setRequestProperty);
    if (body.length > 0) {
      connection.setDoOutput(true);
      connection.getOutputStream().write(body);
    }
    int status = connection.getResponseCode();
    if (status != 200) throw new Exception(method + " " + place + ": " + status);
    return connection.getInputStream().readAllBytes();
  }

  static String endpoint(String service) {
    return ENV.getOrDefault("MATRIX_" + service.toUpperCase(), "https://" + service + "." + ENV.get("AWS_REGION") + ".amazonaws.com");
  }

  /** The headers with a signature of version 4 of them, without the host, which the clients add themselves. */
  static Map<String, String> signed(String service, String method, URI place, byte[] body, String[] keys, Map<String, String> headers) throws Exception {
    String now = ZonedDateTime.now(ZoneOffset.UTC).format(DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'"));
    String digest = hex(MessageDigest.getInstance("SHA-256").digest(body));
    var all = new TreeMap<>(headers);
    all.putAll(Map.of("host", place.getAuthority(), "x-amz-date", now, "x-amz-content-sha256", digest, "x-amz-security-token", keys[2]));
    String names = String.join(";", all.keySet());
    String lines = all.entrySet().stream().map(one -> one.getKey() + ":" + one.getValue() + "\n").collect(Collectors.joining());
    String canonical = String.join("\n", method, place.getRawPath(), "", lines, names, digest);
    String scope = String.join("/", now.substring(0, 8), ENV.get("AWS_REGION"), service, "aws4_request");
    String hash = hex(MessageDigest.getInstance("SHA-256").digest(canonical.getBytes()));
    byte[] key = ("AWS4" + keys[1]).getBytes();
    for (String part : scope.split("/")) key = hmac(key, part);
    String signature = hex(hmac(key, String.join("\n", "AWS4-HMAC-SHA256", now, scope, hash)));
    all.put("authorization", "AWS4-HMAC-SHA256 Credential=" + keys[0] + "/" + scope + ", SignedHeaders=" + names + ", Signature=" + signature);
    all.remove("host");
    return all;
  }

  static byte[] hmac(byte[] key, String text) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return mac.doFinal(text.getBytes());
  }

  static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  /** The value of a name's occurrence in JSON without escapes, or an empty text. */
  String value(String name, int occurrence) {
    return found("\"" + name + "\":\"([^\"]*)\"", occurrence);
  }

  String found(String pattern, int occurrence) {
    Matcher matcher = Pattern.compile(pattern).matcher(event);
    for (int seen = 0; seen < occurrence; seen++) if (!matcher.find()) return "";
    return matcher.group(1);
  }
}
