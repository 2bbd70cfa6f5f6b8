//! A runtime in Rust with nothing but OpenSSL: it finds proxy and authority by the variables that say so, as every
//! program does that brings its own TLS.

use openssl::hash::{hash, MessageDigest};
use openssl::pkey::PKey;
use openssl::sign::Signer;
use openssl::ssl::{SslConnector, SslMethod};
use std::env::var;
use std::io::{Error, Read, Result, Write};
use std::net::TcpStream;
use std::time::{SystemTime, UNIX_EPOCH};

struct Answer {
    head: String,
    body: Vec<u8>,
}

fn main() -> Result<()> {
    let api = format!("http://{}", own("AWS_LAMBDA_RUNTIME_API"));
    loop {
        let next = send("GET", &api, "/2018-06-01/runtime/invocation/next", &[], b"")?;
        let event = String::from_utf8_lossy(&next.body).into_owned();
        match own("_HANDLER").as_str() {
            "report" => tell(&event, "PutJobSuccessResult", "")?,
            _ => work(&event)?,
        }
        let id = between(&next.head.to_lowercase(), "lambda-runtime-aws-request-id: ", "\r", 1);
        send(
            "POST",
            &api,
            &format!("/2018-06-01/runtime/invocation/{id}/response"),
            &[],
            b"null",
        )?;
    }
}

fn work(event: &str) -> Result<()> {
    let output = event.matches("\"objectKey\"").count(); // after the inputs
    let (mut made, mut size) = (Vec::new(), String::new());
    for artifact in 1..output {
        let content = storage(event, "GET", artifact, &[], b"")?;
        size = content.len().to_string();
        made.extend(content);
    }
    let said = |name: &str| {
        value(event, "UserParameters", 1)
            .split(' ')
            .find_map(|pair| Some(pair.strip_prefix(name)?.strip_prefix('=')?.to_string()))
    };
    if let Some(expected) = said("size").filter(|expected| *expected != size) {
        let message = format!("size is {size} but the variable says {expected}");
        return tell(
            event,
            "PutJobFailureResult",
            &format!(",\"failureDetails\":{{\"type\":\"RevisionOutOfSync\",\"message\":\"{message}\"}}"),
        );
    }
    let count = value(event, "continuationToken", 1).parse().unwrap_or(0) + 1;
    if count < said("jobs").and_then(|jobs| jobs.parse().ok()).unwrap_or(1) {
        return tell(
            event,
            "PutJobSuccessResult",
            &format!(",\"continuationToken\":\"{count}\""),
        );
    }
    storage(
        event,
        "PUT",
        output,
        &[("x-amz-server-side-encryption", "aws:kms")],
        &made,
    )?;
    tell(
        event,
        "PutJobSuccessResult",
        &format!(",\"outputVariables\":{{\"Size\":\"{}\"}}", made.len()),
    )
}

fn tell(event: &str, operation: &str, members: &str) -> Result<()> {
    let body = format!("{{\"jobId\":\"{}\"{members}}}", value(event, "id", 1));
    let keys = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"].map(own);
    let target = format!("CodePipeline_20150709.{operation}");
    let headers = [
        ("content-type", "application/x-amz-json-1.1"),
        ("x-amz-target", target.as_str()),
    ];
    call("codepipeline", "POST", "/", &keys, &headers, body.as_bytes()).map(|_| ())
}

fn storage(event: &str, method: &str, artifact: usize, headers: &[(&str, &str)], body: &[u8]) -> Result<Vec<u8>> {
    let keys = ["accessKeyId", "secretAccessKey", "sessionToken"].map(|name| value(event, name, 1));
    let path = format!(
        "/{}/{}",
        value(event, "bucketName", artifact),
        value(event, "objectKey", artifact)
    );
    call("s3", method, &path, &keys, headers, body)
}

/// Signs a call with version 4 and sends it.
fn call(
    service: &str,
    method: &str,
    path: &str,
    keys: &[String; 3],
    headers: &[(&str, &str)],
    body: &[u8],
) -> Result<Vec<u8>> {
    let region = own("AWS_REGION");
    let named = var(format!("MATRIX_{}", service.to_uppercase()));
    let origin = named.unwrap_or_else(|_| format!("https://{service}.{region}.amazonaws.com"));
    let (now, digest) = (time(), hex(&hash(MessageDigest::sha256(), body)?));
    let host = origin.split("//").nth(1).unwrap_or_default();
    let mut all = headers.to_vec();
    all.extend([
        ("host", host),
        ("x-amz-content-sha256", &digest),
        ("x-amz-date", &now),
        ("x-amz-security-token", &keys[2]),
    ]);
    all.sort();
    let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
    let lines: String = all.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let canonical = [method, path, "", &lines, &names.join(";"), &digest].join("\n");
    let scope = [&now[..8], &region, service, "aws4_request"];
    let text = [
        "AWS4-HMAC-SHA256",
        &now,
        &scope.join("/"),
        &hex(&hash(MessageDigest::sha256(), canonical.as_bytes())?),
    ]
    .join("\n");
    let mut key = format!("AWS4{}", keys[1]).into_bytes();
    for part in scope.iter().chain([&text.as_str()]) {
        key = Signer::new(MessageDigest::sha256(), &*PKey::hmac(&key)?)?.sign_oneshot_to_vec(part.as_bytes())?;
    }
    let credential = format!(
        "AWS4-HMAC-SHA256 Credential={}/{}, SignedHeaders={}, Signature={}",
        keys[0],
        scope.join("/"),
        names.join(";"),
        hex(&key)
    );
    all.push(("authorization", &credential));
    let answer = send(method, &origin, path, &all, body)?;
    if !answer.head.starts_with("HTTP/1.1 200") {
        return Err(Error::other(format!(
            "{method} {origin}{path}: {} {}",
            answer.head,
            String::from_utf8_lossy(&answer.body)
        )));
    }
    Ok(answer.body)
}

/// One request on a connection of its own, by the proxy if there is one and it is for this origin.
fn send(method: &str, origin: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<Answer> {
    let (scheme, host) = origin.split_once("://").unwrap_or(("http", origin));
    let name = host.split(':').next().unwrap_or_default();
    let is_direct = var("NO_PROXY").unwrap_or_default().split(',').any(|one| one == name);
    let proxy = var(format!("{}_PROXY", scheme.to_uppercase()))
        .ok()
        .filter(|_| !is_direct);
    let place = proxy
        .as_deref()
        .map_or(host, |url| url.trim_start_matches("http://").trim_end_matches('/'));
    let mut stream = TcpStream::connect(place)?;
    let named = if headers.iter().any(|(name, _)| *name == "host") {
        String::new()
    } else {
        format!("host: {host}\r\n")
    };
    let lines: String = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let whole = if proxy.is_some() && scheme == "http" {
        format!("{origin}{path}")
    } else {
        path.to_string()
    };
    let mut request = format!(
        "{method} {whole} HTTP/1.1\r\n{named}{lines}connection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    request.extend(body);
    if scheme == "http" {
        return exchange(stream, &request);
    }
    write!(stream, "CONNECT {name}:443 HTTP/1.1\r\nhost: {name}:443\r\n\r\n")?;
    let mut opened = Vec::new();
    while !opened.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        opened.extend(byte);
    }
    let tls = SslConnector::builder(SslMethod::tls())?.build();
    exchange(tls.connect(name, stream).map_err(Error::other)?, &request)
}

fn exchange(mut stream: impl Read + Write, request: &[u8]) -> Result<Answer> {
    stream.write_all(request)?;
    let mut whole = Vec::new();
    stream.read_to_end(&mut whole)?;
    let end = whole
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .ok_or_else(|| Error::other("no head"))?;
    let body = whole.split_off(end + 4);
    Ok(Answer {
        head: String::from_utf8_lossy(&whole).into_owned(),
        body,
    })
}

/// Now, as signatures have it: `20260102T030405Z`.
fn time() -> String {
    let seconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs() as i64);
    let (days, rest) = (seconds / 86400 + 719468, seconds % 86400); // since the first of March of the year 0
    let (era, day) = (days / 146097, days % 146097);
    let year_of_era = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    let day_of_year = day - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let moved = (5 * day_of_year + 2) / 153;
    let month = if moved < 10 { moved + 3 } else { moved - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let day_of_month = day_of_year - (153 * moved + 2) / 5 + 1;
    format!(
        "{year:04}{month:02}{day_of_month:02}T{:02}{:02}{:02}Z",
        rest / 3600,
        rest / 60 % 60,
        rest % 60
    )
}

fn own(name: impl AsRef<str>) -> String {
    var(name.as_ref()).unwrap_or_default()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The value of a name's occurrence in JSON without escapes, or an empty text.
fn value(event: &str, name: &str, occurrence: usize) -> String {
    between(event, &format!("\"{name}\":\""), "\"", occurrence)
}

fn between(text: &str, start: &str, end: &str, occurrence: usize) -> String {
    text.split(start)
        .nth(occurrence)
        .and_then(|rest| rest.split(end).next())
        .unwrap_or_default()
        .to_string()
}
